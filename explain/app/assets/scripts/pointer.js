export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host");
  if (host.shown !== data.html) { host.innerHTML = data.html; host.shown = data.html; }
  host.ariaLabel = data.label;
  let at = { row: data.row, col: data.col };
  const show = () => {
    for (const line of host.querySelectorAll(".across")) line.style.top = `${100 * (at.row + 0.5) / data.height}%`;
    for (const line of host.querySelectorAll(".down")) line.style.left = `${100 * (at.col + 0.5) / data.width}%`;
  };
  const go = (row, col) => {
    const within = (place, count) => Math.max(0, Math.min(count - 1, Math.floor(place)));
    at = { row: within(row, data.height), col: within(col, data.width) };
    show();
    setTriggerValue("pick", at);
  };
  show();
  const pick = (event) => {
    const frame = event.target.closest?.(".spot")?.getBoundingClientRect();
    if (!frame) return;
    const share = [(event.clientY - frame.top) / frame.height, (event.clientX - frame.left) / frame.width];
    go(share[0] * data.height, share[1] * data.width);
  };
  const move = (event) => {
    const delta = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!delta) return;
    event.preventDefault();
    const step = event.shiftKey ? 10 : 1;
    go(at.row + step * delta[0], at.col + step * delta[1]);
  };
  host.addEventListener("click", pick);
  host.addEventListener("keydown", move);
  return () => { host.removeEventListener("click", pick); host.removeEventListener("keydown", move); };
}
