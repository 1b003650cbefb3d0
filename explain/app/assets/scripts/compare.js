// Two pictures of one scene, one over the other, with a handle between what is seen of each: by mouse, finger or keys.
export default function ({ parentElement, data }) {
  const host = parentElement.querySelector(".host");
  if (host.shown !== data.html) { host.innerHTML = data.html; host.shown = data.html; }
  const frame = host.querySelector(".frame"), handle = host.querySelector("[role=slider]");
  host.share ??= 50;
  const show = (share) => {
    host.share = Math.max(0, Math.min(100, share));
    frame.style.setProperty("--share", `${host.share}%`);
    handle.ariaValueNow = String(Math.round(host.share));
    handle.ariaValueText = `${Math.round(host.share)} % ${data.before}, the rest ${data.after}`;
  };
  const follow = (event) => {
    const box = frame.getBoundingClientRect();
    show(100 * (event.clientX - box.left) / box.width);
  };
  const press = (event) => {
    if (event.button) return;
    frame.setPointerCapture(event.pointerId);
    frame.classList.add("held");
    handle.focus({ preventScroll: true });
    follow(event);
  };
  const move = (event) => { if (frame.hasPointerCapture(event.pointerId)) follow(event); };
  const leave = () => frame.classList.remove("held");
  const key = (event) => {
    const step = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -10, PageUp: 10 }[event.key];
    const place = { Home: 0, End: 100 }[event.key] ?? (step && host.share + step);
    if (place === undefined) return;
    event.preventDefault();
    show(place);
  };
  const kinds = { pointerdown: press, pointermove: move, pointerup: leave, pointercancel: leave, keydown: key };
  host.stop?.();  // of the run before: Streamlit tidies up only when the page leaves
  for (const [kind, act] of Object.entries(kinds)) frame.addEventListener(kind, act);
  host.stop = () => { for (const [kind, act] of Object.entries(kinds)) frame.removeEventListener(kind, act); };
  show(host.share);
  return host.stop;
}
