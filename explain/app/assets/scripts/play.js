// "Play": the photo travels along the arrows of the map, and what leaves each part lights up when it arrives. At the group
// and the block that are drawn below, it goes on there and comes back. With reduced motion it goes in steps.
const STEP_MS = 620, TRAVEL_MS = 420;
const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function player(map) {
  const bar = document.createElement("div");
  bar.className = "player";
  bar.setAttribute("role", "group");
  bar.ariaLabel = "Send the photo through the map; the arrow keys go from part to part";
  const [play, back, next, end] = ["Play", "Back", "Next part", "End"].map((text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    bar.append(button);
    return button;
  });
  const said = document.createElement("output");
  bar.append(said);
  map.prepend(bar);
  let at = -1, timer = 0, running = false, steps = [], travels = [];

  const label = () => {
    play.hidden = calm();
    play.textContent = running ? "Pause" : at < 0 ? "▶ Play: send the photo through" : "▶ Go on";
    play.ariaPressed = String(running);
    if (calm() && at < 0) next.textContent = "Send the photo through, part by part"; else next.textContent = "Next part";
    back.hidden = end.hidden = at < 0;
    next.hidden = at < 0 && !calm();
  };
  const stopTravel = () => { for (const each of travels) each(); travels = []; };
  const pause = () => { running = false; clearTimeout(timer); label(); };
  const finish = () => {
    pause();
    stopTravel();
    at = -1;
    map.classList.remove("playing");
    for (const each of map.querySelectorAll(".lit, .now, .here")) each.classList.remove("lit", "now", "here");
    said.textContent = "";
    label();
  };
  const show = (place, moving) => {
    stopTravel();
    at = place;
    map.classList.add("playing");
    steps.forEach((step, k) => {
      step.box.classList.toggle("lit", k <= at && !step.enters);
      step.box.classList.toggle("now", k === at);
    });
    const { box, panel, name } = steps[at];
    for (const each of map.querySelectorAll(".panel")) each.classList.toggle("here", each === panel);
    said.textContent = `${at + 1} of ${steps.length}: ${name}`;
    if (at === 0 || steps[at - 1].panel !== panel) intoView(panel);
    if (moving && !calm()) travels = arrowsTo(box).map((arrow) => travel(arrow, box));
    label();
  };
  const forward = () => {
    if (at < 0) steps = stepsOf(map);
    if (at + 1 >= steps.length) { pause(); return; }
    show(at + 1, true);
    if (running) timer = setTimeout(forward, STEP_MS);
  };
  const press = () => {
    if (running) { pause(); return; }
    if (at + 1 >= steps.length) at = -1;
    running = true;
    forward();
    label();
  };
  play.addEventListener("click", press);
  next.addEventListener("click", () => { pause(); forward(); });
  back.addEventListener("click", () => { pause(); if (at > 0) show(at - 1, false); });
  end.addEventListener("click", () => { finish(); (calm() ? next : play).focus(); });
  bar.addEventListener("keydown", (event) => {
    const act = { ArrowRight: next, ArrowLeft: back, Escape: end }[event.key];
    if (!act) return;
    event.preventDefault();
    act.click();
  });
  label();
  return finish;
}

// The boxes in the order in which the photo comes to them: along the flow, and among streams from the first to the last.
function stepsOf(map) {
  const panels = [...map.querySelectorAll(":scope > .panel")];
  const inside = (number) => {
    const panel = panels[number], svg = seenIn(panel);
    if (!svg) return [];
    const time = (box) => Number(box.dataset.along) + 0.1 * Number(box.dataset.across);
    const boxes = [...svg.querySelectorAll(".box[data-along]")].sort((one, other) => time(one) - time(other));
    return boxes.flatMap((box) => {
      const hint = box.querySelector("title").textContent, ends = hint.endsWith("own page");
      const name = ends ? box.querySelector("text").textContent : hint, step = { box, panel, name };
      const deeper = box.closest(".chosen") && panels[number + 1] ? inside(number + 1) : [];
      return deeper.length ? [{ ...step, name: `into ${name}`, enters: true }, ...deeper, step] : [step];
    });
  };
  return inside(0);
}

// Of the drawings for wide and narrow windows the one that is shown.
function seenIn(panel) {
  return [...panel.querySelectorAll("svg")].find((svg) => svg.getClientRects().length > 0);
}

function arrowsTo(box) {
  const svg = box.ownerSVGElement, boxes = [...svg.querySelectorAll(".box[data-along]")];
  const far = (each, path) => each.dataset.across === path.dataset.across
    ? Math.abs(each.dataset.along - path.dataset.along) : Infinity;
  return [...svg.querySelectorAll("path[data-along]")].filter((path) => {
    const nearest = boxes.reduce((best, each) => far(each, path) < far(best, path) ? each : best);
    return nearest === box;
  });
}

// The small picture of the part before, on its way along an arrow.
function travel(path, box) {
  const svg = box.ownerSVGElement, start = path.getPointAtLength(0), length = path.getTotalLength();
  const centre = (each) => { const b = each.getBBox(); return [b.x + b.width / 2, b.y + b.height / 2]; };
  const near = [...svg.querySelectorAll(".box")].filter((each) => each !== box && each.querySelector("image"));
  const apart = (each) => { const [x, y] = centre(each); return Math.hypot(x - start.x, y - start.y); };
  const before = near.length ? near.reduce((best, each) => apart(each) < apart(best) ? each : best) : null;
  const parcel = document.createElementNS("http://www.w3.org/2000/svg", "g");
  parcel.setAttribute("class", "parcel");
  const picture = before?.querySelector("image")?.cloneNode();
  const frame = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const part of [picture, frame].filter(Boolean)) {
    for (const [name, value] of Object.entries({ x: -13, y: -9, width: 26, height: 18 })) part.setAttribute(name, value);
    part.removeAttribute("style");
    parcel.append(part);
  }
  svg.append(parcel);
  let frameNumber = 0, begun = 0;
  const tick = (now) => {
    begun ||= now;
    const share = Math.min(1, (now - begun) / TRAVEL_MS), point = path.getPointAtLength(length * share);
    parcel.setAttribute("transform", `translate(${point.x} ${point.y})`);
    if (share < 1) frameNumber = requestAnimationFrame(tick); else parcel.remove();
  };
  frameNumber = requestAnimationFrame(tick);
  return () => { cancelAnimationFrame(frameNumber); parcel.remove(); };
}

function intoView(panel) {
  panel.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "nearest" });
}
