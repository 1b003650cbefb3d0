// The architecture map: a click on a group, a block or a dual attention unit goes into it, on the map itself; on all else
// to its page.
const ZOOM_MS = 480;

export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host"), isNew = host.shown !== data.html;
  if (isNew) host.finish?.();
  showHtml(host, data.html);
  const map = host.querySelector(".map");
  if (isNew) host.finish = player(map);
  const panels = [...map.querySelectorAll(":scope > .panel")], unit = map.querySelector("[data-unit=dau]");
  if (isNew && host.from) { zoom(map, host.from.box, panels[host.from.panel]); host.from = null; }
  const look = (event) => {
    const link = event.target.closest("a[href]"), box = link?.querySelector(".box.rrg, .box.mrb, .box.dau");
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (!box || elsewhere) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const from = { box: box.getBoundingClientRect(), panel: panels.indexOf(link.closest(".panel")) + 1 };
    if (box.matches(".dau")) { becomes(unit, link); zoom(map, from.box, unit); return; }
    if (link.classList.contains("chosen")) { zoom(map, from.box, panels[from.panel]); return; }
    host.from = from;
    const asked = new URLSearchParams(link.getAttribute("href").split("?")[1]);
    setTriggerValue("look", { group: Number(asked.get("group")), block: Number(asked.get("block") ?? 1) });
  };
  host.stop?.();  // of the run before: Streamlit tidies up only when the page leaves
  host.addEventListener("click", look);
  const handed = handLinks(host, setTriggerValue);
  host.stop = () => { host.removeEventListener("click", look); handed(); };
  return host.stop;
}

// All dual attention units are drawn alike: the one drawing gets the name of the unit that was clicked, and its links.
function becomes(unit, link) {
  unit.querySelector("h3 a").textContent = link.ariaLabel;
  const [, query] = link.getAttribute("href").split("?");
  for (const each of unit.querySelectorAll("a[href]")) {
    each.setAttribute("href", `${each.getAttribute("href").split("?")[0]}?${query}`);
  }
}

// The drawing of a part grows out of its box.
function zoom(map, box, panel) {
  if (!panel) return;
  for (const each of map.querySelectorAll(".here")) each.classList.remove("here");
  panel.classList.add("here");
  panel.querySelector("h3 a")?.focus({ preventScroll: true });
  intoView(panel);
  if (calm()) return;
  const whole = panel.getBoundingClientRect();
  const small = `translate(${box.left - whole.left}px, ${box.top - whole.top}px) `
    + `scale(${box.width / whole.width}, ${box.height / whole.height})`;
  panel.animate(
    [{ transform: small, transformOrigin: "0 0", opacity: 0.2 }, { transform: "none", transformOrigin: "0 0", opacity: 1 }],
    { duration: ZOOM_MS, easing: "cubic-bezier(.2, .7, .2, 1)" },
  );
}
