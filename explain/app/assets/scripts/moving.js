export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".moving"), side = data.side, rest = data.rest;
  const slider = host.querySelector("input"), said = host.querySelector("output"), play = host.querySelector("button");
  const bytes = Uint8Array.from(atob(data.photo), (letter) => letter.charCodeAt(0));
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  host.stop?.();  // of the run before: Streamlit tidies up only when the page leaves
  host.state ??= { shift: data.shift, sent: data.shift, playing: false, direction: 1 };
  const state = host.state;
  if (data.shift !== state.sent && !state.playing) state.shift = state.sent = data.shift;

  const value = (row, column, moved) => {
    if (data.kind === "photo") return bytes[row * (side + rest) + column + rest - Math.floor(moved + 0.5)] / 255;
    if (data.kind === "zone") {
      const squared = (column - data.radius - moved) ** 2 + (row - side / 2) ** 2;
      const fade = Math.min(1, Math.max(0, (data.radius - Math.sqrt(squared)) / data.rim));
      return 0.5 + 0.5 * fade * Math.cos(Math.PI * squared / (data.radius * data.period));
    }
    const turn = 2 * Math.PI / data.period, lean = data.angle * Math.PI / 180;
    if (data.kind === "check") return 0.5 + 0.5 * Math.cos(turn * (column - moved)) * Math.cos(turn * row);
    return 0.5 + 0.5 * Math.cos(turn * (column * Math.cos(lean) + row * Math.sin(lean) - moved));
  };
  const made = (moved) =>
    Float64Array.from({ length: side * side }, (_, k) => value(Math.floor(k / side), k % side, moved));
  // Every second row and column, blurred before by [1 2 1]/4 both ways or not; mirrored about the first ones.
  const halved = (pixels, wide, blur) => {
    const half = wide / 2, at = (row, column) => pixels[Math.abs(row) * wide + Math.abs(column)];
    const line = (row, column) => (at(row, column - 1) + 2 * at(row, column) + at(row, column + 1)) / 4;
    return Float64Array.from({ length: half * half }, (_, k) => {
      const row = 2 * Math.floor(k / half), column = 2 * (k % half);
      if (!blur) return at(row, column);
      return (line(row - 1, column) + 2 * line(row, column) + line(row + 1, column)) / 4;
    });
  };
  const shrunk = (pixels, blur) => {
    for (let wide = side; wide > side / data.factor; wide /= 2) pixels = halved(pixels, wide, blur);
    return pixels;
  };
  const spread = (pixels) => {
    // The first row and column are mirrored before the blur, which would count as contrast.
    const wide = Math.round(Math.sqrt(pixels.length)), inner = pixels.filter((_, k) => k >= wide && k % wide);
    const mean = inner.reduce((sum, each) => sum + each, 0) / inner.length;
    return Math.sqrt(inner.reduce((sum, each) => sum + (each - mean) ** 2, 0) / inner.length);
  };
  const paint = (name, pixels) => {
    const figure = host.querySelector(`[data-name=${name}]`), canvas = figure.querySelector("canvas");
    const wide = Math.round(Math.sqrt(pixels.length)), image = new ImageData(wide, wide);
    for (let k = 0; k < pixels.length; k++) {
      image.data.fill(Math.round(255 * pixels[k]), 4 * k, 4 * k + 3);
      image.data[4 * k + 3] = 255;
    }
    canvas.width = canvas.height = wide;
    canvas.getContext("2d").putImageData(image, 0, 0);
    // An integer number of screen pixels for each pixel, or the screen itself would make false patterns.
    const dots = window.devicePixelRatio || 1, room = Math.min(figure.clientWidth, 420);
    canvas.style.width = `${Math.max(1, Math.floor(room * dots / side)) * side / dots}px`;
    canvas.ariaLabel = `${data.titles[name]}, ${wide} by ${wide} pixels`;
    figure.querySelector("strong").textContent = data.titles[name];
    figure.querySelector("span").textContent = `${wide} × ${wide}`;
  };
  const draw = () => {
    const original = made(state.shift / 8);
    const pictures = { original, plain: shrunk(original, false), blurred: shrunk(original, true) };
    host.pictures = pictures;
    for (const [name, pixels] of Object.entries(pictures)) {
      paint(name, pixels);
      const left = spread(pixels) / Math.max(spread(original), 1e-9);
      host.querySelector(`[data-name=${name}] b`).textContent = `${Math.round(100 * left)}%`;
    }
    slider.value = state.shift;
    said.textContent = `${(state.shift / 8).toFixed(3)} px`;
  };
  const send = () => {
    state.shift = state.sent = Math.round(state.shift);
    setTriggerValue("move", state.shift);
  };
  const label = () => {
    play.textContent = calm ? "Move by ¼ pixel" : state.playing ? "Pause" : "Play";
    play.ariaPressed = calm ? null : String(state.playing);
  };
  let frame = 0, before = 0;
  const tick = (now) => {
    // A pixel a second, to and fro.
    const next = state.shift + state.direction * 8 * Math.min(0.1, (now - (before || now)) / 1000);
    before = now;
    if (next <= 0 || next >= data.shifts) state.direction = -state.direction;
    state.shift = Math.max(0, Math.min(data.shifts, next));
    draw();
    frame = requestAnimationFrame(tick);
  };
  const press = () => {
    if (calm) {
      state.shift = (Math.round(state.shift) + 2) % (data.shifts + 1);
      draw();
      return send();
    }
    state.playing = !state.playing;
    label();
    if (state.playing) { before = 0; frame = requestAnimationFrame(tick); return; }
    cancelAnimationFrame(frame);
    draw();
    send();
  };
  const slide = () => { state.shift = Number(slider.value); draw(); };
  slider.max = data.shifts;
  play.addEventListener("click", press);
  slider.addEventListener("input", slide);
  slider.addEventListener("change", send);
  const room = new ResizeObserver(() => draw());
  room.observe(host);
  label();
  draw();
  if (state.playing) frame = requestAnimationFrame(tick);
  host.stop = () => {
    cancelAnimationFrame(frame);
    room.disconnect();
    play.removeEventListener("click", press);
    slider.removeEventListener("input", slide);
    slider.removeEventListener("change", send);
  };
  return host.stop;
}
