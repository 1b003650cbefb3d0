// Every hook point's activation as a small map, all of them side by side in one picture.

/** @typedef {{index: number, shape: number[], zero: number, scale: number, kind: string}} Tensor */

/** @param {string} text colours as hexadecimal digits, six for each */
export function colourTable(text) {
  return Uint8Array.from({ length: text.length / 2 }, (_, k) => parseInt(text.slice(2 * k, 2 * k + 2), 16));
}

/**
 * Rows and columns of a map: of a vector, its channels are its columns.
 * @param {number[]} shape
 */
export function mapSize([rows, columns, channels]) {
  return columns === 1 ? [rows, channels] : [rows, columns];
}

/**
 * What a map shows: the activity of all channels, their root mean square; one channel; or of a vector its values.
 * @param {Int8Array} integers
 * @param {Tensor} tensor
 * @param {number | null} channel
 * @returns {Float32Array} dequantized
 */
export function mapValues(integers, { shape: [rows, columns, channels], zero, scale }, channel = null) {
  if (columns === 1) return Float32Array.from(integers, (value) => scale * (value - zero));
  const found = new Float32Array(rows * columns);
  for (let k = 0, at = 0; k < found.length; k++, at += channels) {
    if (channel !== null) {
      found[k] = scale * (integers[at + channel] - zero);
      continue;
    }
    let sum = 0;
    for (let c = 0; c < channels; c++) {
      const centred = integers[at + c] - zero;
      sum += centred * centred;
    }
    found[k] = scale * Math.sqrt(sum / channels);
  }
  return found;
}

/**
 * Between which values the colours of a map run.
 * @param {Float32Array} values
 * @param {string} kind
 * @returns {[number, number]}
 */
export function limits(values, kind) {
  if (kind === "gate") return [0, 1];
  const sizes = Float32Array.from(values, Math.abs).sort();
  const most = sizes[Math.min(sizes.length - 1, Math.round(0.995 * (sizes.length - 1)))] || 1;
  return kind === "signed" ? [-most, most] : [0, most];
}

/** Paints values into RGBA at a position. */
export function paint(rgba, width, left, top, values, columns, [low, high], table) {
  const factor = 255 / (high - low);
  for (let k = 0; k < values.length; k++) {
    const colour = 3 * Math.max(0, Math.min(255, Math.round((values[k] - low) * factor)));
    const at = 4 * ((top + Math.floor(k / columns)) * width + left + (k % columns));
    rgba[at] = table[colour];
    rgba[at + 1] = table[colour + 1];
    rgba[at + 2] = table[colour + 2];
    rgba[at + 3] = 255;
  }
}

const ACROSS = 16; // maps beside each other

/** Where each tensor's map lies in the picture of all. */
export class Atlas {
  /** @param {Tensor[]} tensors */
  constructor(tensors) {
    const sizes = tensors.map((tensor) => mapSize(tensor.shape));
    this.high = Math.max(...sizes.map(([high]) => high));
    this.wide = Math.max(...sizes.map(([, wide]) => wide));
    this.width = ACROSS * this.wide;
    this.height = Math.ceil(tensors.length / ACROSS) * this.high;
    this.tensors = tensors;
    /** @type {Map<number, {left: number, top: number, high: number, wide: number}>} */
    this.places = new Map(tensors.map((tensor, k) => [tensor.index, {
      left: (k % ACROSS) * this.wide, top: Math.floor(k / ACROSS) * this.high, high: sizes[k][0], wide: sizes[k][1],
    }]));
  }

  /** @param {Map<number, Int8Array>} values */
  draw(values, tables) {
    const rgba = new Uint8ClampedArray(this.width * this.height * 4);
    for (const tensor of this.tensors) {
      const integers = values.get(tensor.index), place = this.places.get(tensor.index);
      if (!integers || !place) continue;
      const shown = mapValues(integers, tensor), kind = tensor.kind;
      paint(rgba, this.width, place.left, place.top, kind === "gate" ? shown : shown.map(Math.abs), place.wide,
        limits(shown, kind), tables[kind]);
    }
    return rgba;
  }
}
