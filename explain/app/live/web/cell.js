// One number, explained: the integer arithmetic that made it, as the board's kernels do it. Sentences come from Python.

const LEAST = -128, MOST = 127, ONE = 2147483647n;
const clip = (x, low = LEAST, high = MOST) => Math.min(Math.max(x, low), high);

/** The product / 2^31, to the nearest, halves up. */
const multiplyHigh = (a, b) => Number((BigInt(a) * BigInt(b) + (1n << 30n)) >> 31n);

/** The number / 2^bits, to the nearest, halves away from zero. */
function shiftRight(x, bits) {
  const size = Math.floor((Math.abs(x) + Math.floor(2 ** bits / 2)) / 2 ** bits);
  return x >= 0 ? size : -size;
}

/** Rounded to the nearest, halves to the even neighbour. */
function rint(x) {
  const low = Math.floor(x), rest = x - low;
  return rest < 0.5 ? low : rest > 0.5 ? low + 1 : low % 2 === 0 ? low : low + 1;
}

const part = ({ value, weight, zero }) => (value - zero) * (weight ?? 1);
const total = (operands) => operands.reduce((sum, operand) => sum + part(operand), 0);

/** A multiplication in fixed point, its steps, and its result. */
function scaled(x, [multiplier, shift]) {
  const values = [multiplier];
  if (shift > 0) values.push(x *= 2 ** shift);
  values.push(x = multiplyHigh(x, multiplier));
  if (shift < 0) values.push(x = shiftRight(x, -shift));
  return { values, result: x };
}

/** How every accumulator becomes an int8: scaled, the zero point added, saturated. */
function finished(sum, factor, { zero, relu }) {
  const { values, result } = scaled(sum, factor), moved = result + zero;
  const end = clip(moved, relu ? zero : LEAST);
  return { values: [...values, moved, end], result: end };
}

/** Flat index to coordinates, and back. */
const flat = (shape, at) => shape.reduce((sum, size, axis) => sum * size + at[axis], 0);
function unravel(shape, index) {
  const at = Array(shape.length).fill(0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at[axis] = index % shape[axis];
    index = Math.floor(index / shape[axis]);
  }
  return at;
}

/** A shape as rows, columns and channels. */
const seenAs = (shape) => {
  const [columns, channels] = [1, 1, ...shape].slice(-2);
  return [shape.slice(0, -2).reduce((all, size) => all * size, 1), columns, channels];
};

export class Explainer {
  /**
   * @param {any} cells what Python wrote: tensors, operators, sentences, tables
   * @param {ArrayBuffer} weights
   */
  constructor(cells, weights) {
    this.data = cells;
    this.weights = weights;
    this.made = new Map(cells.operators.map((operator) => [operator.output, operator]));
    this.run = /** @type {any} */ (null);
  }

  /** @param {any} run tensors, picture, restored and the camera's bytes of one frame */
  look(run) {
    this.run = run;
  }

  shape(name) {
    const { rows, columns } = this.data;
    if (name === "camera") return [rows, columns, 2];
    return typeof name === "string" ? [rows, columns, 3] : this.data.tensors[name].shape;
  }

  values(name) {
    return typeof name === "string" ? this.run[name] : this.run.tensors.get(name);
  }

  /** The channel with the largest distance from zero at a position. */
  strongest(name, row, column) {
    const [, columns, channels] = seenAs(this.shape(name)), values = this.values(name);
    const zero = typeof name === "string" ? 0 : this.data.tensors[name].zero;
    const sizes = Array.from({ length: channels }, (_, c) => Math.abs(values[(row * columns + column) * channels + c] - zero));
    return sizes.indexOf(Math.max(...sizes));
  }

  /** Where a value comes from. */
  cell(name, place) {
    const shape = seenAs(this.shape(name)), value = this.values(name)[flat(shape, place)];
    const text = this.data.texts[name] ?? {}, made = this.arithmetic(name, place);
    const { zero = 0, scale = null } = typeof name === "string" ? {} : this.data.tensors[name];
    const words = made.words ?? text.words ?? [];
    const steps = made.values.map((each, k) => (each.words ? each : { words: words[k], value: each, subtotal: false }));
    const rule = made.rule ?? text.rules?.[made.variant ?? 0] ?? "";
    return { ref: [name, ...place], title: text.title ?? name, shape, value, zero, scale, kind: text.kind, how: text.how,
      rule, operands: made.operands, steps: [...(made.before ?? []), ...steps], result: made.result };
  }

  arithmetic(name, place) {
    if (name === "restored") return this.restored(place);
    if (name === "picture") return this.run.camera ? this.picture(place) : this.given(name, place);
    if (name === "camera") return this.given(name, place);
    if (name === this.data.input) return this.networkInput(place);
    const operator = this.made.get(name), shape = this.shape(name);
    const at = unravel(shape, flat(seenAs(shape), place));
    return KINDS[operator.kind].call(this, operator, at, { index: name, ...this.data.tensors[name] });
  }

  /**
   * The value at coordinates of a computed tensor.
   * @param {number | null} weight
   */
  operand(symbol, index, at, weight = null) {
    const { shape, zero, scale } = this.data.tensors[index], where = flat(shape, at);
    return { symbol, value: this.values(index)[where], weight, ref: [index, ...unravel(seenAs(shape), where)], zero, scale };
  }

  /** @param {number | null} weight */
  pixel(symbol, name, place, weight = null, zero = 0) {
    const value = this.values(name)[flat(this.shape(name), place)];
    return { symbol, value, weight, ref: [name, ...place], zero, scale: null };
  }

  constant(index) {
    const { offset, size, type } = this.data.constants[index];
    return type === "int8" ? new Int8Array(this.weights, offset, size) : new Int32Array(this.weights, offset, size);
  }

  given(name, place) {
    return { operands: [], values: [], result: this.values(name)[flat(this.shape(name), place)] };
  }

  networkInput([row, column, channel]) {
    const { stem, input, curve, quantizer } = this.data, { zero } = this.data.tensors[input];
    const square = Math.floor(channel / 3), colour = channel % 3;
    const before = this.pixel("v", "picture", [row * stem + Math.floor(square / stem), column * stem + (square % stem), colour]);
    const after = curve[before.value];
    const steps = rint(Math.fround(Math.fround(after) / Math.fround(quantizer)));
    const result = clip(steps + zero);
    return { operands: [before], values: [after, steps, result], result };
  }

  restored([row, column, colour]) {
    const { stem, output, curve } = this.data;
    const channel = 3 * ((row % stem) * stem + (column % stem)) + colour;
    const added = this.operand("q", output, [0, Math.floor(row / stem), Math.floor(column / stem), channel]);
    const byte = this.pixel("v", "picture", [row, column, colour]);
    const base = rint(curve[byte.value] * 255 * 65536), residual = rint(part(added) * added.scale * 255 * 65536);
    const sum = base + residual, rounded = Math.floor((sum + 32768) / 65536), result = clip(rounded, 0, 255);
    return { operands: [byte, added], values: [base, residual, sum, rounded, result], result };
  }

  picture([row, column, colour]) {
    const pair = column - (column % 2), luma = this.pixel("Y", "camera", [row, column, 0]);
    const chroma = [["U", [row, pair, 1]], ["V", [row, pair + 1, 1]]]
      .map(([symbol, at], k) => this.pixel(symbol, "camera", at, this.data.chroma[colour][k], 128))
      .filter((operand) => operand.weight !== 0);
    const sum = total(chroma), added = Math.floor((sum + 32768) / 65536), result = clip(luma.value + added, 0, 255);
    return { operands: [luma, ...chroma], values: [sum, added, result], result, variant: colour };
  }

  convolution(operator, at, output, channels, weightAt) {
    const [, row, column, channel] = at, { source, size, stride, top, left } = operator;
    const [, high, wide] = this.data.tensors[source].shape, weights = this.constant(operator.weights);
    const operands = [], before = [];
    for (let down = 0; down < size[0]; down++) {
      for (let right = 0; right < size[1]; right++) {
        const y = row * stride - top + down, x = column * stride - left + right;
        if (y < 0 || y >= high || x < 0 || x >= wide) continue;
        const tap = channels.map((c) => this.operand("q", source, [0, y, x, c], weights[weightAt(down, right, c)]));
        operands.push(...tap);
        if (size[0] * size[1] > 1) {
          before.push({ words: operator.tap.replace("0, 0", `${down}, ${right}`), value: total(tap), subtotal: true });
        }
      }
    }
    const rule = operator.rule.replace("{n}", String(operands.length));
    operands.push({ symbol: "b", value: this.constant(operator.bias)[channel], weight: null, ref: null, zero: 0, scale: null });
    const sum = total(operands), { values, result } = finished(sum, operator.factors[channel], { ...output, relu: operator.relu });
    const words = this.data.texts[output.index].words.map((each) => each.replace(/by \d+ bits/, `by ${Math.abs(operator.factors[channel][1])} bits`));
    return { rule, operands, before, words, values: [sum, ...values], result };
  }

  moved(operator, source, at, variant = 0) {
    const operand = this.operand(operator.symbol ?? "q", source, at);
    return { operands: [operand], values: [], result: operand.value, variant };
  }

  reduced(operator, at) {
    const { shape } = this.data.tensors[operator.source], operands = [];
    const ranges = shape.map((size, axis) => (operator.axes.includes(axis) ? [...Array(size).keys()] : [at[axis]]));
    for (const y of ranges[1]) {
      for (const x of ranges[2]) for (const c of ranges[3]) operands.push(this.operand("q", operator.source, [0, y, x, c]));
    }
    return operands;
  }

  pair({ sources }, at) {
    return sources.map((source, k) => {
      const { shape } = this.data.tensors[source];
      return this.operand("ab"[k], source, shape.map((size, axis) => (size === 1 ? 0 : at[axis])));
    });
  }
}

/** @type {Record<string, (this: Explainer, operator: any, at: number[], output: any) => any>} */
const KINDS = {
  CONV_2D(operator, at, output) {
    const depth = this.data.tensors[operator.source].shape[3], [high, wide] = operator.size;
    const begin = at[3] * high * wide * depth;
    return this.convolution(operator, at, output, [...Array(depth).keys()], (down, right, c) => begin + (down * wide + right) * depth + c);
  },
  DEPTHWISE_CONV_2D(operator, at, output) {
    const depth = output.shape[3], [, wide] = operator.size;
    return this.convolution(operator, at, output, [at[3]], (down, right, c) => (down * wide + right) * depth + c);
  },
  ADD(operator, at, output) {
    const operands = this.pair(operator, at);
    const sides = operands.map((operand, k) => scaled(part(operand) * 2 ** 20, operator.sides[k]).result);
    const sum = sides[0] + sides[1], { values, result } = finished(sum, operator.factor, { ...output, relu: operator.relu });
    return { operands, values: [...sides, sum, ...values], result };
  },
  MUL(operator, at, output) {
    const operands = this.pair(operator, at), product = part(operands[0]) * part(operands[1]);
    const { values, result } = finished(product, operator.factor, { ...output, relu: operator.relu });
    return { operands, values: [product, ...values], result };
  },
  MEAN(operator, at, output) {
    const operands = this.reduced(operator, at), sum = total(operands);
    const { values, result } = finished(sum, operator.factor, { ...output, relu: false });
    return { operands, values: [operands.length, sum, ...values], result };
  },
  REDUCE_MAX(operator, at) {
    const operands = this.reduced(operator, at), values = operands.map(({ value }) => value), most = Math.max(...values);
    return { operands, values: [operands.length, values.indexOf(most)], result: most };
  },
  LOGISTIC(operator, at) {
    const operand = this.operand("q", operator.source, at), logit = operand.scale * part(operand);
    const result = operator.table[operand.value - LEAST];
    return { operands: [operand], values: [logit, 0.5 * (1 + Math.tanh(logit / 2)), result], result };
  },
  SOFTMAX(operator, at) {
    const { shape } = this.data.tensors[operator.source];
    const operands = Array.from({ length: shape[3] }, (_, k) => this.operand("q", operator.source, [...at.slice(0, 3), k]));
    const most = Math.max(...operands.map(({ value }) => value));
    const powers = operands.map(({ value }) => Math.max(operator.table[most - value], 0));
    const sum = powers.reduce((all, power) => all + shiftRight(power, 12), 0), [reciprocal, bits] = reciprocalOf(sum);
    const share = shiftRight(multiplyHigh(reciprocal, powers[at[3]]), bits), result = clip(share + LEAST);
    return { operands, values: [most, ...powers, sum, reciprocal, bits, share, result], result };
  },
  RESIZE_BILINEAR(operator, at, output) {
    const { shape } = this.data.tensors[operator.source], weights = new Map();
    for (const [y, vertical] of between(at[1], shape[1], output.shape[1])) {
      for (const [x, horizontal] of between(at[2], shape[2], output.shape[2])) {
        const key = y * shape[2] + x;
        weights.set(key, (weights.get(key) ?? 0) + vertical * horizontal);
      }
    }
    const operands = [...weights].map(([key, weight]) =>
      ({ ...this.operand("q", operator.source, [0, Math.floor(key / shape[2]), key % shape[2], at[3]], weight), zero: 0 }));
    const sum = total(operands), result = shiftRight(sum, 20);
    return { rule: operator.rule.replace("{n}", String(operands.length)), operands, values: [sum, result], result };
  },
  MIRROR_PAD(operator, at) {
    const { shape } = this.data.tensors[operator.source], inside = at.map((where, axis) => where - operator.pads[axis]);
    const mirrored = inside.map((where, axis) => (where < 0 ? -where : where >= shape[axis] ? 2 * shape[axis] - 2 - where : where));
    return this.moved(operator, operator.source, mirrored, inside.every((where, axis) => where === mirrored[axis]) ? 0 : 1);
  },
  CONCATENATION(operator, at) {
    const where = [...at];
    let number = 0;
    while (where[operator.axis] >= this.data.tensors[operator.sources[number]].shape[operator.axis]) {
      where[operator.axis] -= this.data.tensors[operator.sources[number]].shape[operator.axis];
      number += 1;
    }
    return this.moved(operator, operator.sources[number], where, number);
  },
  STRIDED_SLICE(operator, at) {
    return this.moved(operator, operator.source, at.map((where, axis) => operator.first[axis] + operator.strides[axis] * where));
  },
  TRANSPOSE(operator, at) {
    const where = Array(at.length).fill(0);
    operator.axes.forEach((axis, k) => { where[axis] = at[k]; });
    return this.moved(operator, operator.source, where);
  },
  RESHAPE(operator, at, output) {
    return this.moved(operator, operator.source, unravel(this.data.tensors[operator.source].shape, flat(output.shape, at)));
  },
};

/** The two rows (columns) of the input that one of the output lies between, and their weights in 1/1024. */
function between(at, size, output) {
  const step = Math.floor((1024 * size + Math.floor(output / 2)) / output);
  const where = at * step + Math.floor(step / 2) - 512;
  const before = Math.max(Math.trunc(where / 1024), 0), after = Math.min(Math.max(Math.ceil(where / 1024), 0), size - 1);
  const weight = where - 1024 * before;
  return [[before, 1024 - weight], [after, weight]];
}

/** 1 / sum as a Q0 and a shift to the right that ends in steps of 1/256. The sum is a Q12 above 0. */
function reciprocalOf(sum) {
  const headroom = 32 - sum.toString(2).length;
  const fraction = (BigInt(sum) << BigInt(headroom)) - (1n << 31n), half = (fraction + ONE + 1n) / 2n;
  let guess = 1515870810 + multiplyHigh(half, -1010580540);
  for (let round = 0; round < 3; round++) {
    const error = 536870912 - multiplyHigh(half, guess);
    guess += 4 * multiplyHigh(guess, error);
  }
  return [Math.min(2 * guess, Number(ONE)), 12 - headroom + 31 - 8];
}
