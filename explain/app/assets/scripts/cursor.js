export default function ({ parentElement, data, setTriggerValue }) {
  const host = parentElement.querySelector(".host"), readout = parentElement.querySelector(".readout");
  const last = data.words.length - 1;
  if (host.shown !== data.html) {
    const scrolled = host.querySelector(".scroll")?.scrollLeft;
    host.innerHTML = data.html;
    host.shown = data.html;
    for (const plot of host.querySelectorAll(".plot")) {
      const line = document.createElement("i");
      line.className = "cursor";
      plot.append(line);
    }
    if (scrolled) host.querySelector(".scroll").scrollLeft = scrolled;
  }
  const show = (at) => {
    host.at = at;
    for (const line of host.querySelectorAll(".cursor")) {
      line.style.left = `${100 * at / (last + 1)}%`;
      line.style.width = `${100 / (last + 1)}%`;
    }
    host.ariaValueNow = at;
    host.ariaValueText = readout.textContent = data.words[at];
  };
  host.ariaLabel = data.label;
  host.ariaValueMin = 0;
  host.ariaValueMax = last;
  // An answer to an earlier move must not pull the cursor back.
  if (host.wanted === undefined || host.wanted === data.at || performance.now() - host.moved > 3000) {
    const fresh = host.at !== data.at;
    host.wanted = undefined;
    show(data.at);
    const scroll = host.querySelector(".scroll"), line = host.querySelector(".cursor");
    if (fresh && scroll && line) {
      const place = line.getBoundingClientRect().left - scroll.getBoundingClientRect().left;
      if (place < 0 || place > scroll.clientWidth) scroll.scrollLeft += place - scroll.clientWidth / 2;
    }
  }
  const go = (at, wait) => {
    host.wanted = Math.max(0, Math.min(last, at));
    host.moved = performance.now();
    show(host.wanted);
    clearTimeout(host.timer);
    host.timer = setTimeout(() => setTriggerValue("move", host.wanted ?? host.at), wait);
  };
  const under = (event) => {
    const frame = event.target.closest?.(".plot")?.getBoundingClientRect();
    if (!frame) return null;
    const at = Math.floor((event.clientX - frame.left) / frame.width * (last + 1));
    return Math.max(0, Math.min(last, at));
  };
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10,
    Home: -last, End: last };
  // Properties, which a later run of this function replaces: it runs for every answer of the server.
  host.onclick = (event) => { const at = under(event); if (at !== null) go(at, 0); };
  host.onpointermove = (event) => { readout.textContent = data.words[under(event) ?? host.at]; };
  host.onpointerleave = () => { readout.textContent = data.words[host.at]; };
  host.onkeydown = (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    go(host.at + steps[event.key], 150);
  };
}
