// The board's C as WebAssembly: runs a frame, keeps every tensor that it computes, and takes the time of each operator.

/** Whether this browser has WebAssembly's SIMD: a module that splats an integer over 128 bits is valid or not. */
export function hasSimd() {
  const splat = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  return WebAssembly.validate(new Uint8Array(splat));
}

export class Network {
  /**
   * @param {BufferSource} wasm the module
   * @param {number} rows of a frame
   * @param {number} columns of a frame
   */
  static async load(wasm, rows, columns) {
    const net = new Network(rows, columns);
    const page = { before: () => net.before(), after: (tensor, address, size) => net.after(tensor, address, size) };
    const { instance } = await WebAssembly.instantiate(wasm, { page });
    net.exports = /** @type {any} */ (instance.exports);
    return net;
  }

  constructor(rows, columns) {
    this.rows = rows;
    this.columns = columns;
    /** @type {any} */
    this.exports = null;
    /** @type {Map<number, Int8Array>} by index, in the order of execution */
    this.tensors = new Map();
    /** @type {Map<number, number>} milliseconds of the operator that makes a tensor, over all frames so far */
    this.milliseconds = new Map();
    this.frames = 0;
    this.last = 0;
  }

  /** @param {Uint8Array} frame Y U Y V, as the camera has them in its memory */
  run(frame) {
    this.memory(this.exports.frame(), frame.length).set(frame);
    return this.restored(() => this.exports.restore());
  }

  /** @param {Uint8Array} picture R G B, what is in a frame of another format */
  runPicture(picture) {
    this.memory(this.exports.picture(), picture.length).set(picture);
    return this.restored(() => this.exports.restore_picture());
  }

  /** The restored picture, R G B. */
  restored(run) {
    run();
    this.frames += 1;
    return this.memory(this.exports.picture(), this.rows * this.columns * 3).slice();
  }

  before() {
    this.last = performance.now();
  }

  after(tensor, address, size) {
    const now = performance.now();
    this.milliseconds.set(tensor, (this.milliseconds.get(tensor) ?? 0) + now - this.last);
    let kept = this.tensors.get(tensor);
    if (!kept) this.tensors.set(tensor, kept = new Int8Array(size));
    kept.set(new Int8Array(this.exports.memory.buffer, address, size));
    this.last = performance.now(); // copying is the page's time, not the network's
  }

  memory(address, size) {
    return new Uint8Array(this.exports.memory.buffer, address, size);
  }
}

/**
 * A photo restored at its own size: the residual that the network found for its small frame, enlarged (bilinear) and
 * added to the photo after the companding curve.
 * @param {Uint8ClampedArray} photo RGBA, cut as the frame
 * @param {number} width of the photo
 * @param {number} height
 * @param {{picture: Uint8Array, restored: Uint8Array, rows: number, columns: number}} frame
 * @param {number[]} curve the companding curve, for each byte within 0 and 1
 */
export function addResidual(photo, width, height, { picture, restored, rows, columns }, curve) {
  const residual = Float32Array.from(restored, (value, k) => value - 255 * curve[picture[k]]);
  const out = new Uint8ClampedArray(photo.length);
  const between = (at, size, count) => {
    const where = Math.min(Math.max(((at + 0.5) * count) / size - 0.5, 0), count - 1), first = Math.floor(where);
    return [first, Math.min(first + 1, count - 1), where - first];
  };
  for (let y = 0; y < height; y++) {
    const [top, bottom, down] = between(y, height, rows);
    for (let x = 0; x < width; x++) {
      const [left, right, along] = between(x, width, columns), at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) {
        const value = (row, column) => residual[3 * (row * columns + column) + c];
        const above = value(top, left) * (1 - along) + value(top, right) * along;
        const below = value(bottom, left) * (1 - along) + value(bottom, right) * along;
        out[at + c] = 255 * curve[photo[at + c]] + above * (1 - down) + below * down;
      }
      out[at + 3] = 255;
    }
  }
  return out;
}
