// The board's camera: less light with a sensor's noise, and the bytes of a frame. Constants come from Python.

const HALF = 1 << 15;

/** sRGB, 0 to 1, to linear light. */
const toLinear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

/** The normal distribution function, to 1e-7 (Abramowitz and Stegun 7.1.26). */
function normal(x) {
  const z = Math.abs(x) / Math.SQRT2, t = 1 / (1 + 0.3275911 * z);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * poly * Math.exp(-z * z);
  return x < 0 ? tail : 1 - tail;
}

/**
 * The bytes that a sensor gives for each of 256 bytes of a bright picture, with their probabilities: photons arrive at
 * random (Poisson), reading a pixel out adds Gaussian noise, and the sum becomes a byte of sRGB.
 */
export class Sensor {
  /**
   * @param {{fullWell: number, readNoise: number}} sensor electrons that white fills a pixel with; of reading one
   * @param {number} light share of the light that is left, above 0 and at most 1
   */
  constructor(sensor, light) {
    this.light = light;
    const edges = Array.from({ length: 255 }, (_, byte) => toLinear((byte + 0.5) / 255) * sensor.fullWell);
    /** @type {{first: number, upTo: Float64Array}[]} */
    this.levels = [];
    for (let level = 0; level < 256; level++) {
      this.levels.push(distribution(toLinear(level / 255) * light * sensor.fullWell, sensor.readNoise, edges));
    }
  }

  /** A noisy byte for a level of the bright picture. */
  sample(level) {
    const { first, upTo } = this.levels[level], chance = Math.random();
    let low = 0, high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle] > chance) high = middle;
      else low = middle + 1;
    }
    return first + low;
  }

  /** @param {Uint8Array} rgb changed in place */
  expose(rgb) {
    for (let k = 0; k < rgb.length; k++) rgb[k] = this.sample(rgb[k]);
  }
}

/** The bytes from `first` on, and the probability of each or a smaller one. */
function distribution(electrons, readNoise, edges) {
  const many = electrons > 60; // then a Poisson distribution is a normal one
  const spread = Math.sqrt(electrons + readNoise ** 2);
  const below = (edge) => {
    if (many) return normal((edge - electrons) / spread);
    let sum = 0, chance = Math.exp(-electrons);
    for (let n = 0; n < electrons + 9 * Math.sqrt(electrons) + 9; n++) {
      sum += chance * normal((edge - n) / readNoise);
      chance *= electrons / (n + 1);
    }
    return sum;
  };
  const low = electrons - 7 * spread, high = electrons + 7 * spread;
  let first = 0;
  while (first < 255 && edges[first] < low) first += 1;
  const upTo = [];
  for (let byte = first; byte < 255 && edges[byte] < high; byte++) upTo.push(below(edges[byte]));
  return { first, upTo: Float64Array.from([...upTo, 1]) };
}

/** @param {Uint8ClampedArray} rgba */
export function withoutAlpha(rgba) {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let k = 0, j = 0; k < rgba.length; k += 4, j += 3) {
    rgb[j] = rgba[k];
    rgb[j + 1] = rgba[k + 1];
    rgb[j + 2] = rgba[k + 2];
  }
  return rgb;
}

/** @param {Uint8Array} rgb */
export function withAlpha(rgb) {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4);
  for (let k = 0, j = 0; j < rgb.length; k += 4, j += 3) {
    rgba[k] = rgb[j];
    rgba[k + 1] = rgb[j + 1];
    rgba[k + 2] = rgb[j + 2];
    rgba[k + 3] = 255;
  }
  return rgba;
}

const clip = (x) => (x < 0 ? 0 : x > 255 ? 255 : x);

/** R G B to Y U Y V: every pixel its luma, two neighbours one colour. `weights` are those of Y, U and V times 2^16. */
export function packYuv(rgb, weights) {
  const frame = new Uint8Array((rgb.length / 3) * 2), [toY, toU, toV] = weights;
  const sum = ([r, g, b], red, green, blue) => r * red + g * green + b * blue;
  for (let k = 0, j = 0; k < rgb.length; k += 6, j += 4) {
    const [r1, g1, b1, r2, g2, b2] = rgb.subarray(k, k + 6);
    frame[j] = (sum(toY, r1, g1, b1) + HALF) >> 16;
    frame[j + 2] = (sum(toY, r2, g2, b2) + HALF) >> 16;
    frame[j + 1] = clip(128 + ((sum(toU, r1 + r2, g1 + g2, b1 + b2) + 2 * HALF) >> 17));
    frame[j + 3] = clip(128 + ((sum(toV, r1 + r2, g1 + g2, b1 + b2) + 2 * HALF) >> 17));
  }
  return frame;
}

/** Y U Y V to R G B. `weights`: red of V, green of U and of V, blue of U, times 2^16. */
export function unpackYuv(frame, weights) {
  const rgb = new Uint8Array((frame.length / 2) * 3), [rv, gu, gv, bu] = weights;
  for (let j = 0, k = 0; j < frame.length; j += 4, k += 6) {
    const u = frame[j + 1] - 128, v = frame[j + 3] - 128;
    const red = (rv * v + HALF) >> 16, green = (gu * u + gv * v + HALF) >> 16, blue = (bu * u + HALF) >> 16;
    for (let pixel = 0; pixel < 2; pixel++) {
      const luma = frame[j + 2 * pixel];
      rgb[k + 3 * pixel] = clip(luma + red);
      rgb[k + 3 * pixel + 1] = clip(luma + green);
      rgb[k + 3 * pixel + 2] = clip(luma + blue);
    }
  }
  return rgb;
}

/** What RGB565 leaves of R G B: low bits are dropped, and the high ones repeated in their place. */
export function throughRgb565(rgb) {
  return rgb.map((value, k) => (k % 3 === 1 ? (value & 0xfc) | (value >> 6) : (value & 0xf8) | (value >> 5)));
}
