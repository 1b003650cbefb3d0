// Runs the camera and the network beside the page, so that the page is never blocked.
import { Sensor, packYuv, throughRgb565, unpackYuv, withAlpha, withoutAlpha } from "./camera.js";
import { Explainer } from "./cell.js";
import { Atlas, colourTable, limits, mapSize, mapValues, paint } from "./maps.js";
import { Network, addResidual, hasSimd } from "./network.js";
import { prove } from "./proof.js";

/** @type {any} */
let data = null;
/** @type {Record<string, Uint8Array>} */
let tables = {};
/** @type {Map<string, Promise<any>>} size to what runs it */
const stages = new Map();
/** @type {Sensor | null} */
let sensor = null;
/** @type {any} the last frame that was run */
let shown = null;

async function get(name) {
  const answer = await fetch(new URL(name, import.meta.url));
  if (!answer.ok) throw new Error(`${name} is missing on the server`);
  return answer;
}

/** The network for a size of frames, loaded once. */
function stage(size) {
  if (!stages.has(size)) stages.set(size, load(size));
  return stages.get(size);
}

async function load(size) {
  const { rows, columns, files } = data.sizes[size], simd = hasSimd();
  const file = simd ? files.simd : files.plain;
  if (!file) throw new Error("the larger frame needs a browser with WebAssembly SIMD");
  const net = await Network.load(await (await get(file)).arrayBuffer(), rows, columns);
  const { tensors } = data.sizes[size];
  return { size, net, simd, tensors, atlas: new Atlas(tensors), input: data.input };
}

async function frame({ pixels, size, light, format, look, theme }) {
  const ready = await stage(size), { net, atlas } = ready;
  const scene = withoutAlpha(pixels);
  if (light < 1) {
    if (!sensor || sensor.light !== light) sensor = new Sensor(data.sensor, light);
    sensor.expose(scene);
  }
  const isYuv = format === "yuv422";
  const bytes = isYuv ? packYuv(scene, data.camera.pack) : null;
  const picture = bytes ? unpackYuv(bytes, data.camera.unpack) : throughRgb565(scene);
  const before = performance.now();
  const restored = bytes ? net.run(bytes) : net.runPicture(picture);
  const milliseconds = performance.now() - before;
  keepInput(ready, picture);
  shown = { ready, picture, restored, camera: bytes };
  return {
    size: { rows: net.rows, columns: net.columns }, picture: withAlpha(picture), restored: withAlpha(restored),
    atlas: { width: atlas.width, height: atlas.height, rgba: atlas.draw(net.tensors, tables) },
    places: [...atlas.places], large: large(look, theme), milliseconds, simd: ready.simd,
  };
}

/** The network's input is made before the first operator, and then written over: it is made once more. */
function keepInput({ net, input }, picture) {
  const stem = data.stem, side = 3 * stem, square = stem * side;
  let kept = net.tensors.get(input);
  if (!kept) net.tensors.set(input, kept = new Int8Array(picture.length));
  const row = net.columns * 3, levels = data.levels;
  for (let y = 0; y < net.rows; y++) {
    for (let k = 0; k < row; k++) {
      const at = (Math.floor(y / stem) * (row / side) + Math.floor(k / side)) * square + (y % stem) * side + (k % side);
      kept[at] = levels[picture[y * row + k]];
    }
  }
}

/** One tensor for itself, as a picture and with what its colours mean. */
function large(look, theme) {
  if (!look || !shown) return null;
  const tensor = shown.ready.tensors.find((each) => each.index === look.tensor);
  const integers = tensor && shown.ready.net.tensors.get(look.tensor);
  if (!integers) return null;
  const one = look.channel !== null && tensor.shape[1] > 1;
  const kind = tensor.kind === "gate" ? "gate" : one || tensor.shape[1] === 1 ? "signed" : "activity";
  const values = mapValues(integers, tensor, one ? look.channel : null), [high, wide] = mapSize(tensor.shape);
  const ends = limits(values, kind), rgba = new Uint8ClampedArray(4 * values.length);
  paint(rgba, wide, 0, 0, values, wide, ends, tables[kind === "signed" ? `signed-${theme}` : kind]);
  return { tensor: look.tensor, high, wide, rgba, ends, kind };
}

/** Milliseconds of each kind of operator, and of each operator, per frame. */
async function times({ size }) {
  const { net } = await stage(size);
  return [...net.milliseconds].map(([tensor, sum]) => ({ tensor, milliseconds: sum / Math.max(net.frames, 1) }));
}

/** @type {Map<string, Promise<Explainer>>} size to what explains its numbers */
const explainers = new Map();

async function explainer(size) {
  const [cells, weights] = await Promise.all([get(data.sizes[size].cells), get("weights.bin")]);
  return new Explainer(await cells.json(), await weights.arrayBuffer());
}

/** A number and its arithmetic; without a channel, of the strongest one. */
async function explain({ tensor, place: [row, column, channel] }) {
  if (!shown) throw new Error("no frame was run yet");
  const { ready, picture, restored, camera } = shown, { size, net } = ready;
  if (!explainers.has(size)) explainers.set(size, explainer(size));
  const cells = /** @type {Explainer} */ (await explainers.get(size));
  cells.look({ tensors: net.tensors, picture, restored, camera });
  return cells.cell(tensor, [row, column, channel ?? cells.strongest(tensor, row, column)]);
}

const answers = {
  start: async (content) => {
    data = content;
    tables = Object.fromEntries(Object.entries(data.colours).map(([name, text]) => [name, colourTable(text)]));
    await stage("small");
    return { simd: hasSimd() };
  },
  frame,
  times,
  enlarge: async ({ photo, width, height }) => {
    const { rows, columns } = shown.ready.net;
    return addResidual(photo, width, height, { ...shown, rows, columns }, data.curve);
  },
  explain,
  prove: async () => prove(await (await get("proof.json")).json(), get, await stage("small"), keepInput, data),
};

self.onmessage = async ({ data: { id, kind, content } }) => {
  try {
    const result = await answers[kind](content), given = /** @type {any} */ (result);
    const moved = kind === "frame" ? [given.picture, given.restored, given.atlas.rgba].map((each) => each.buffer) : [];
    /** @type {any} */ (self).postMessage({ id, result }, moved);
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};
