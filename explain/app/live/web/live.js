// The live part: takes pictures, has the worker run them, and shows what came of it.
import { showCell } from "./cell_view.js";
import { Sentence, drawInto, fromAddress, fromFile, fromWebcam } from "./sources.js";
import { Maps, paintCanvas } from "./view.js";

const host = /** @type {HTMLElement} */ (document.querySelector(".live"));
/** @type {(selector: string) => any} */
const $ = (selector) => host.querySelector(selector);
const here = (name) => new URL(name, import.meta.url).href;

/** Says one sentence in place of what does not work; an empty one takes it away. */
function say(text) {
  $(".fault").textContent = text;
  $(".fault").hidden = !text;
}

const LARGEST_SAVED = 3000; // pixels of the longer side

/** The worker, as functions that answer. */
class Runner {
  constructor() {
    this.worker = new Worker(here("worker.js"), { type: "module" });
    this.waiting = new Map();
    this.count = 0;
    this.worker.onmessage = ({ data: { id, result, error } }) => {
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    };
    this.worker.onerror = () => this.waiting.forEach(({ reject }) => reject(new Error("this browser is too old for the live part: it takes one of 2023 or later")));
  }

  /** @returns {Promise<any>} */
  ask(kind, content = {}, moved = []) {
    return new Promise((resolve, reject) => {
      this.waiting.set(this.count, { resolve, reject });
      this.worker.postMessage({ id: this.count++, kind, content }, moved);
    });
  }
}

class Live {
  constructor(data, runner) {
    this.data = data;
    this.runner = runner;
    this.scene = document.createElement("canvas");
    /** @type {any} */
    this.source = null;
    this.stopped = false;
    this.changed = true;
    /** @type {any} */
    this.look = null;
    this.frames = /** @type {number[]} */ ([]);
    this.maps = new Maps(host, data.hooks, (hook) => this.point(hook));
    this.pictures = new Map([["photo", $(".camera canvas")], ["output", $(".restored canvas")]]);
  }

  get settings() {
    const stops = Number($("[name=light]").value);
    return {
      size: $("[name=size]:checked").value, format: $("[name=format]:checked").value, light: 2 ** -stops,
      theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
    };
  }

  use(source) {
    this.source?.stop?.();
    this.source = source;
    this.changed = true;
    say("");
  }

  async loop() {
    for (;;) {
      await new Promise(requestAnimationFrame);
      const noisy = this.settings.light < 1; // noise moves, even over a photo
      if (!this.source || this.stopped || document.hidden || !(this.source.moving || noisy || this.changed)) continue;
      if (!this.source.width) continue;
      this.changed = false;
      try {
        await this.frame();
      } catch (error) {
        say(`${/** @type {Error} */ (error).message}.`);
        this.stopped = true;
      }
    }
  }

  async frame() {
    const settings = this.settings, { rows, columns } = this.data.sizes[settings.size];
    if (this.scene.width !== columns) Object.assign(this.scene, { width: columns, height: rows });
    const pixels = drawInto(this.scene, this.source);
    const found = await this.runner.ask("frame", { pixels, look: this.look, ...settings }, [pixels.buffer]);
    const { size } = found;
    paintCanvas($(".camera canvas"), found.picture, size.columns, size.rows);
    paintCanvas($(".restored canvas"), found.restored, size.columns, size.rows);
    host.classList.add("running");
    this.maps.draw(found, this.pictures);
    if (found.large) this.showLarge(found.large);
    this.count(found);
  }

  count({ milliseconds, simd }) {
    const now = performance.now();
    this.frames = [...this.frames.filter((each) => now - each < 2000), now];
    const rate = this.frames.length > 1 ? (1000 * (this.frames.length - 1)) / (now - this.frames[0]) : 0;
    $(".rate").textContent = this.source.moving || this.settings.light < 1 ? rate.toFixed(0) : "one photo";
    $(".milliseconds").textContent = milliseconds.toFixed(1);
    host.dataset.frames = String(Number(host.dataset.frames ?? 0) + 1);
    host.dataset.milliseconds = String(milliseconds);
    $(".simd").textContent = simd ? "with SIMD" : "without SIMD";
  }

  /** The photo at its own size, with the frame's residual enlarged, as a file. */
  async save() {
    if (!this.source || this.source.moving) throw new Sentence("Only a photo can be saved at its own size: take a photo or a sample.");
    if (this.settings.light < 1) throw new Sentence("Give the photo its own light first: the frame was darkened, and the photo was not.");
    const side = Math.min(this.source.width / 4, this.source.height / 3, LARGEST_SAVED / 4), canvas = document.createElement("canvas");
    Object.assign(canvas, { width: Math.round(4 * side), height: Math.round(3 * side) });
    const { width, height } = canvas, photo = drawInto(canvas, this.source);
    await this.frame();
    paintCanvas(canvas, await this.runner.ask("enlarge", { photo, width, height }, [photo.buffer]), width, height);
    const link = document.createElement("a"), blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    Object.assign(link, { href: URL.createObjectURL(/** @type {Blob} */ (blob)), download: "restored.png" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  point(hook) {
    const tensor = this.data.hooks[hook], about = this.tensor(tensor);
    const [, columns, channels] = about.shape, before = this.look;
    if (before?.hook === hook) return;
    this.look = { hook, tensor, channel: null };
    $(".large").hidden = false;
    $(".large h3").textContent = hook;
    $(".large .about").textContent = `tensor ${tensor} · ${about.shape.join(" × ")} · scale ${Number(about.scale.toPrecision(4))} · zero point ${about.zero}`;
    const choice = $(".large select");
    const options = columns === 1 ? ["all channels"] : ["all channels", ...Array.from({ length: channels }, (_, c) => `channel ${c}`)];
    choice.replaceChildren(...options.map((text, k) => new Option(text, String(k - 1))));
    $(".cell").replaceChildren();
    this.changed = true;
  }

  tensor(index) {
    return this.data.sizes[this.settings.size].tensors.find((each) => each.index === index);
  }

  showLarge({ tensor, high, wide, rgba, ends, kind }) {
    if (this.look?.tensor !== tensor) return;
    const canvas = $(".large canvas");
    paintCanvas(canvas, rgba, wide, high);
    canvas.style.aspectRatio = `${wide} / ${Math.max(high, wide / 12)}`;
    const [low, most] = ends.map((end) => Number(end.toPrecision(3)));
    $(".large .ends").textContent = `${low} to ${most}${kind === "signed" ? "" : kind === "gate" ? ", a share" : ", root mean square of the channels"}`;
  }

  async explain(ref, path = []) {
    const [tensor, ...place] = ref;
    this.stopped = true; // the numbers stay while they are read
    $(".hold").textContent = "Go on";
    try {
      showCell($(".cell"), await this.runner.ask("explain", { tensor, place }), path, (to, through) => this.explain(to, through));
    } catch (error) {
      $(".cell").textContent = `${/** @type {Error} */ (error).message}.`;
    }
  }

  async tell() {
    const times = await this.runner.ask("times", { size: this.settings.size }), kinds = new Map();
    const byTensor = new Map(this.data.operators.map((each) => [each.tensor, each]));
    for (const { tensor, milliseconds } of times) {
      const { kind, board } = byTensor.get(tensor) ?? { kind: "", board: 0 };
      if (!kind) continue;
      const sums = kinds.get(kind) ?? [0, 0, 0];
      kinds.set(kind, [sums[0] + 1, sums[1] + milliseconds, sums[2] + board]);
    }
    const rows = [...kinds].sort(([, a], [, b]) => b[1] - a[1]).map(([kind, [count, here, board]]) => {
      const row = document.createElement("tr");
      for (const text of [kind, count, here.toFixed(2), (1000 * board).toFixed(0)]) row.insertCell().textContent = String(text);
      return row;
    });
    $(".times tbody").replaceChildren(...rows);
  }
}

async function prove(runner) {
  const list = $(".proof ol");
  list.replaceChildren();
  $(".proof output").textContent = "Running …";
  try {
    const { model, frames } = await runner.ask("prove");
    for (const { name, hash, bytes, same } of frames) {
      const item = document.createElement("li");
      item.textContent = `${name}: ${bytes.toLocaleString("en")} bytes, SHA-256 ${hash.slice(0, 16)}… ${same ? "is the emulator's" : "is NOT the emulator's"}`;
      list.append(item);
    }
    const good = frames.every(({ same }) => same);
    $(".proof output").textContent = good ? `The same bytes as the board's: ${frames.length} of ${frames.length} frames of model ${model}.` : "These are not the board's bytes.";
  } catch (error) {
    $(".proof output").textContent = `${/** @type {Error} */ (error).message}.`;
  }
}

/** The chosen sample: the dark photo, or the bright one of the same scene. */
function sample() {
  const scene = $("[name=scene]:checked").value, name = $("[name=sample]:checked").value;
  return fromAddress(here(`samples/${name}${scene === "bright" ? "" : "_dark"}.webp`));
}

async function start() {
  if (!("WebAssembly" in window)) throw new Sentence("WebAssembly is switched off in this browser, and the live part needs it; the pictures above were made when the page was built.");
  if (!("Worker" in window) || !("OffscreenCanvas" in window)) throw new Sentence("This browser is too old for the live part: it takes one of 2023 or later.");
  const answer = await fetch(here("network.json"));
  if (!answer.ok) throw new Sentence("The live part's files are missing on the server.");
  const data = await answer.json(), runner = new Runner();
  await runner.ask("start", data);
  const live = new Live(data, runner), fail = (error) => say(error instanceof Sentence ? error.message : `This does not work here: ${error.message}.`);
  const use = (promise) => promise.then((source) => live.use(source)).catch(fail);
  const again = () => { live.changed = true; live.stopped = false; $(".hold").textContent = "Hold"; };
  for (const input of host.querySelectorAll("[name=sample], [name=scene]")) input.addEventListener("change", () => use(sample()).then(again));
  $(".webcam").addEventListener("click", () => use(fromWebcam(() => say("The webcam has gone: plug it in again, or take a photo or a sample."))).then(again));
  $("[name=file]").addEventListener("change", (event) => { if (event.target.files[0]) use(fromFile(event.target.files[0])).then(again); });
  host.addEventListener("dragover", (event) => { event.preventDefault(); host.classList.add("over"); });
  host.addEventListener("dragleave", () => host.classList.remove("over"));
  host.addEventListener("drop", (event) => {
    event.preventDefault();
    host.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (file) use(fromFile(file)).then(again);
    else say("That was no file: drop a photo.");
  });
  for (const input of host.querySelectorAll("[name=format], [name=size], [name=light]")) input.addEventListener("input", again);
  $("[name=light]").addEventListener("input", (event) => { $(".stops").textContent = Number(event.target.value) ? `${event.target.value} stops less: ${Number((100 * 2 ** -event.target.value).toPrecision(2))} % of the light` : "as it is"; });
  $(".hold").addEventListener("click", () => {
    live.stopped = !live.stopped;
    $(".hold").textContent = live.stopped ? "Go on" : "Hold";
  });
  $(".save").addEventListener("click", () => live.save().catch(fail));
  $(".large select").addEventListener("change", (event) => { live.look.channel = Number(event.target.value) < 0 ? null : Number(event.target.value); again(); });
  $(".large .close").addEventListener("click", () => { $(".large").hidden = true; live.look = null; });
  $(".large canvas").addEventListener("click", (event) => {
    const { left, top, width, height } = event.target.getBoundingClientRect(), { shape } = live.tensor(live.look.tensor);
    const isVector = shape[1] === 1, [high, wide] = isVector ? [shape[0], shape[2]] : shape;
    const row = Math.min(high - 1, Math.floor(((event.clientY - top) / height) * high));
    const column = Math.min(wide - 1, Math.floor(((event.clientX - left) / width) * wide));
    live.explain([live.look.tensor, row, ...(isVector ? [0, column] : [column, live.look.channel])]);
  });
  for (const [name, tensor] of [["camera", "picture"], ["restored", "restored"]]) {
    $(`.${name} canvas`).addEventListener("click", (event) => {
      const { left, top, width, height } = event.target.getBoundingClientRect(), canvas = event.target;
      const row = Math.min(canvas.height - 1, Math.floor(((event.clientY - top) / height) * canvas.height));
      const column = Math.min(canvas.width - 1, Math.floor(((event.clientX - left) / width) * canvas.width));
      if (!live.look) live.point(Object.keys(data.hooks)[0]);
      live.explain([tensor, row, column, null]);
    });
  }
  $(".prove").addEventListener("click", () => prove(runner).then(() => { live.changed = true; }));
  $(".times").addEventListener("toggle", () => live.tell());
  setInterval(() => { if ($(".times").open && !live.stopped) live.tell(); }, 1000);
  await use(sample());
  for (const input of host.querySelectorAll("fieldset")) input.disabled = false;
  host.dataset.ready = "yes";
  live.loop();
}

start().catch((error) => {
  say(error instanceof Sentence ? error.message : `The live part does not work here: ${error.message}.`);
  host.dataset.ready = "no";
});
