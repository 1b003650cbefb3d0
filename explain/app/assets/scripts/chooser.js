export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host");
  const button = (node) => node.closest?.("[data-choose]");
  if (host.shown !== data.html) {
    const focused = button(host.getRootNode().activeElement ?? host)?.dataset.choose;
    const scrolled = host.querySelector(".scroll")?.scrollLeft;
    host.innerHTML = data.html;
    for (const row of host.querySelectorAll("[data-rove]")) {
      const all = [...row.querySelectorAll("[data-choose]")];
      const first = all.find((each) => each.ariaPressed === "true") ?? all[0];
      for (const each of all) each.tabIndex = each === first ? 0 : -1;
    }
    const scroll = host.querySelector(".scroll");
    if (scroll && scrolled !== undefined) scroll.scrollLeft = scrolled;
    else if (scroll) {
      const chosen = scroll.querySelector("[aria-pressed=true]");
      if (chosen) scroll.scrollLeft = chosen.offsetLeft - scroll.clientWidth / 2;
    }
    if (focused !== undefined) host.querySelector(`[data-choose="${CSS.escape(focused)}"]`)?.focus();
    host.shown = data.html;
    host.resting = host.querySelector("[data-readout]")?.textContent;
  }
  const readout = host.querySelector("[data-readout]");
  const say = (event) => {
    const words = event.target.closest?.("[data-words]")?.dataset.words;
    if (readout) readout.textContent = words ?? host.resting;
  };
  const rest = () => { if (readout) readout.textContent = host.resting; };
  const choose = (event) => {
    const chosen = button(event.target);
    if (chosen) setTriggerValue("choose", chosen.dataset.choose);
  };
  const rove = (event) => {
    const all = [...(button(event.target)?.closest("[data-rove]")?.querySelectorAll("[data-choose]") ?? [])];
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -all.length, End: all.length };
    if (!all.length || !(event.key in step)) return;
    event.preventDefault();
    const place = all.indexOf(button(event.target)) + step[event.key];
    const next = all[Math.max(0, Math.min(all.length - 1, place))];
    for (const each of all) each.tabIndex = each === next ? 0 : -1;
    next.focus();
  };
  const heard = [["click", choose], ["keydown", rove], ["pointerover", say], ["focusin", say],
    ["pointerleave", rest], ["focusout", rest]];
  for (const [name, listener] of heard) host.addEventListener(name, listener);
  return () => heard.forEach(([name, listener]) => host.removeEventListener(name, listener));
}
