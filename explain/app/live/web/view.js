// Paints what the worker computed: the small maps on the drawing of the network and in the list, and one of them large.

/** Paints RGBA into a canvas of that size. */
export function paintCanvas(canvas, rgba, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
}

export class Maps {
  /**
   * @param {HTMLElement} host
   * @param {Record<string, number>} hooks name to tensor
   * @param {(hook: string) => void} onPoint
   */
  constructor(host, hooks, onPoint) {
    this.hooks = hooks;
    this.atlas = document.createElement("canvas");
    this.seen = new Set();
    /** @type {any} what was drawn last, for what comes into sight later */
    this.last = null;
    this.drawings = [...host.querySelectorAll("svg")].map((svg) => new Drawing(svg));
    this.tiles = /** @type {HTMLElement[]} */ ([...host.querySelectorAll(".tile")]);
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.seen[isIntersecting ? "add" : "delete"](target);
      this.paint();
    }, { rootMargin: "200px" });
    for (const each of [...this.tiles, ...this.drawings.map(({ svg }) => svg)]) observer.observe(each);
    for (const tile of this.tiles) listen(tile, tile.dataset.hook ?? "", onPoint);
    for (const slot of host.querySelectorAll(".slot")) {
      const box = /** @type {HTMLElement} */ (slot.closest(".box")), hook = slot.getAttribute("data-hook") ?? "";
      if (!(hook in hooks)) continue;
      box.setAttribute("tabindex", "0");
      box.setAttribute("role", "button");
      listen(box, hook, onPoint);
    }
  }

  /**
   * @param {any} found the worker's picture of all maps, and where each of them lies
   * @param {Map<string, CanvasImageSource>} pictures `photo` and `output`
   */
  draw({ atlas, places }, pictures) {
    paintCanvas(this.atlas, atlas.rgba, atlas.width, atlas.height);
    this.last = { where: new Map(places), pictures };
    this.paint();
  }

  paint() {
    if (!this.last) return;
    const { where, pictures } = this.last;
    const paint = (pen, hook, x, y, wide, high) => {
      const picture = pictures.get(hook), place = where.get(this.hooks[hook]);
      if (picture) pen.drawImage(picture, x, y, wide, high);
      else if (place) pen.drawImage(this.atlas, place.left, place.top, place.wide, place.high, x, y, wide, high);
    };
    for (const drawing of this.drawings) if (this.seen.has(drawing.svg)) drawing.draw(paint);
    for (const tile of this.tiles) {
      if (!this.seen.has(tile)) continue;
      const canvas = /** @type {HTMLCanvasElement} */ (tile.querySelector("canvas"));
      const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      pen.imageSmoothingEnabled = false;
      paint(pen, tile.dataset.hook, 0, 0, canvas.width, canvas.height);
    }
  }
}

function listen(element, hook, onPoint) {
  for (const kind of ["pointerenter", "focus", "click"]) element.addEventListener(kind, () => onPoint(hook));
}

/** A drawing of the network, with a canvas over it in which its maps are painted. */
class Drawing {
  constructor(svg) {
    this.svg = svg;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "over";
    svg.parentElement.append(this.canvas);
    const number = (rect, name) => Number(rect.getAttribute(name));
    this.slots = [...svg.querySelectorAll(".slot")].map((rect) => ({
      hook: rect.getAttribute("data-hook"), x: number(rect, "x"), y: number(rect, "y"),
      wide: number(rect, "width"), high: number(rect, "height"),
    }));
  }

  draw(paint) {
    const { width, height } = this.svg.viewBox.baseVal, shown = this.svg.clientWidth;
    const dots = window.devicePixelRatio || 1, scale = (shown / width) * dots;
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    if (this.canvas.width !== size.width || this.canvas.height !== size.height) Object.assign(this.canvas, size);
    const pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    pen.imageSmoothingEnabled = false;
    for (const { hook, x, y, wide, high } of this.slots) paint(pen, hook, x * scale, y * scale, wide * scale, high * scale);
  }
}
