// The arithmetic of a cell: an operand lights up wherever it stands (patch, weights, products), and the arrow keys slide
// the patch to the cell beside.
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host"), isNew = host.shown !== data.html;
  showHtml(host, data.html);
  for (const patch of data.slides ? host.querySelectorAll(".maths") : []) {
    patch.tabIndex = 0;
    patch.setAttribute("role", "group");
    patch.ariaLabel = "Patch, weights and products; the arrow keys move to the number beside";
  }
  if (isNew && host.slid) slideIn(host, host.slid);
  host.slid = null;
  const light = (event) => {
    for (const each of host.querySelectorAll(".lit")) each.classList.remove("lit");
    const box = event.type === "mouseleave" ? null : event.target.closest?.(".patch > *");
    if (!box) return;
    const place = [...box.parentElement.children].indexOf(box);
    for (const patch of box.closest(".maths").querySelectorAll(".patch")) patch.children[place]?.classList.add("lit");
  };
  const move = (event) => {
    const step = STEPS[event.key], maths = event.target.closest?.(".maths");
    if (!step || !maths || !data.slides || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const times = event.shiftKey ? 10 : 1;
    host.slid = { step, number: [...host.querySelectorAll(".maths")].indexOf(maths) };
    setTriggerValue("slide", { y: step[0] * times, x: step[1] * times });
  };
  const kinds = { mouseover: light, focusin: light, mouseleave: light, keydown: move };
  host.stop?.();  // of the run before: Streamlit tidies up only when the page leaves
  for (const [kind, act] of Object.entries(kinds)) host.addEventListener(kind, act);
  const handed = handLinks(host, setTriggerValue);
  host.stop = () => {
    for (const [kind, act] of Object.entries(kinds)) host.removeEventListener(kind, act);
    handed();
  };
  return host.stop;
}

// The new patch comes in from the side that the keys led to, and keeps the keyboard.
function slideIn(host, { step, number }) {
  const all = host.querySelectorAll(".maths");
  (all[number] ?? all[0])?.focus({ preventScroll: true });
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const patch of host.querySelectorAll(".maths .patch")) {
    const box = patch.firstElementChild?.getBoundingClientRect();
    if (!box) continue;
    const from = `translate(${step[1] * box.width}px, ${step[0] * box.height}px)`;
    patch.animate([{ transform: from, opacity: 0.4 }, { transform: "none", opacity: 1 }], { duration: 220, easing: "ease-out" });
  }
}
