// The page below is drawn piece by piece, and what comes late pushes the part to look at away: it is followed until all
// is there. Who scrolls first is left alone.
export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host");
  showHtml(host, data.html);
  if (host.stop !== data.stop) {
    host.stop = data.stop;
    clearTimeout(host.timer);
    const main = document.querySelector('[data-testid="stMain"]');
    if (main) main.scrollTo({ top: 0 });
    if (data.focus) follow(host, data.focus);
  }
  return handLinks(host, setTriggerValue);
}

function follow(host, focus) {
  let touched = false, still = 0, left = 400, before = null;
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    window.addEventListener(kind, () => { touched = true; }, { once: true });
  }
  const look = () => {
    if (touched || still > 12 || left-- < 0) return;
    const whole = document.querySelector(`.st-key-${focus}`);
    // In a low window the title of a figure would push its last row out.
    const part = (innerHeight < 800 && whole?.querySelector("figure")) || whole;
    if (part) {
      const top = part.getBoundingClientRect().top;
      const busy = document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "running";
      still = top === before && !busy ? still + 1 : 0;
      // On a phone the panel lies at the foot of the window, see tour.css.
      const panel = innerWidth <= 640 ? 0 : host.getBoundingClientRect().height;
      part.style.scrollMarginTop = `${panel + 70}px`;
      part.scrollIntoView({ behavior: "auto", block: "start" });
      before = part.getBoundingClientRect().top;
    }
    host.timer = setTimeout(look, 150);
  };
  look();
}
