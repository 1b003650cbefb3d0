// A symbol of the formula, its line in the list of symbols and its pictures in the figure light up together: point at
// one, or go to it with the Tab key. What shows a stream's colour lights all that has it.
export default function ({ data, setTriggerValue }) {
  const all = (query) => [...document.querySelectorAll(query)];
  const lines = () => all(".st-key-formula li");
  const symbols = () => lines().map((line, number) => ({
    line,
    names: written(line.querySelector(".katex-html")).split(",").filter(Boolean),
    pattern: data.pictures[number] ?? "",
  }));

  const look = (event) => {
    for (const each of all(".lit-up")) each.classList.remove("lit-up");
    const at = event.target.closest ? event.target : null;
    if (!at) return;
    const coloured = at.closest("[style*='--stream']");
    if (coloured) {
      const colour = coloured.style.getPropertyValue("--stream").trim();
      const same = all("[style*='--stream']").filter((each) => each.style.getPropertyValue("--stream").trim() === colour);
      for (const each of same) each.classList.add("lit-up");
    }
    const known = symbols(), found = known.filter((symbol) => asked(symbol, at));
    for (const symbol of found) {
      symbol.line.classList.add("lit-up");
      const number = numberAt(at);
      for (const each of formulaParts(symbol.names, number)) each.classList.add("lit-up");
      for (const each of pictures(symbol.pattern, number)) each.classList.add("lit-up");
    }
  };
  const asked = (symbol, at) => {
    if (at.closest(".st-key-formula li")) return symbol.line === at.closest("li");
    const inside = at.closest(".st-key-formula .katex-html");
    if (inside) { const part = partAt(at, symbols()); return part !== null && symbol.names.includes(general(written(part))); }
    const shown = at.closest(".st-key-figure figure, .st-key-figure .sheet p");
    return shown !== null && pictures(symbol.pattern, "").includes(shown);
  };
  // The largest part of the formula around a place that is a symbol of the list; the base of an index is none.
  const partAt = (at, known) => {
    const names = new Set(known.flatMap((symbol) => symbol.names)), chain = [];
    for (let each = at; each && !each.classList.contains("katex-html"); each = each.parentElement) chain.unshift(each);
    return chain.find((each) => names.has(general(written(each))) && !isBase(each)) ?? null;
  };
  const numberAt = (at) => {
    const shown = at.closest("figure")?.querySelector("figcaption b")?.textContent ?? "";
    const inside = at.closest(".st-key-formula .katex-html") && !at.closest("li") ? partAt(at, symbols()) : null;
    return (inside ? written(inside) : shown).match(inside ? /\d|S/ : /\d/)?.[0] ?? "";
  };
  const formulaParts = (names, number) => all(".st-key-formula .katex-display .katex-html *").filter((each) => {
    if (each.childElementCount > 12 || isBase(each)) return false;
    const text = written(each), parent = each.parentElement;
    if (!names.includes(general(text)) || written(parent) === text) return false;
    const own = text.match(/\d|S/)?.[0] ?? "";
    return !number || !own || own === number || general(text) === text;
  });
  const pictures = (pattern, number) => {
    if (!pattern) return [];
    const [text, which] = pattern.split("@");
    const titled = all(".st-key-figure figcaption b, .st-key-figure .sheet p > b");
    const shown = (each) => each.closest("figure") ?? each.closest("p");
    const of = (index) => {
      const match = new RegExp(text.replace("{k}", index || "\\d+"));
      return titled.filter((each) => match.test(each.textContent));
    };
    let found = of(number === "S" ? "\\d+" : number);
    if (number === "S") found = found.slice(-1);
    if (which) {
      const every = of("");
      const half = which === "first" ? every.slice(0, every.length / 2) : every.slice(every.length / 2);
      found = found.filter((each) => half.includes(each));
    }
    return found.map(shown);
  };

  const main = document.querySelector('[data-testid="stMain"]') ?? document.body;
  main.litStop?.();
  main.addEventListener("mouseover", look);
  main.addEventListener("focusin", look);
  // Streamlit may draw the list of symbols after this has run: a line that comes then is reached by the Tab key, too.
  const reach = () => { for (const line of lines()) if (line.tabIndex) line.tabIndex = 0; };
  const coming = new MutationObserver(reach);
  coming.observe(main, { childList: true, subtree: true });
  reach();
  main.litStop = () => {
    main.removeEventListener("mouseover", look);
    main.removeEventListener("focusin", look);
    coming.disconnect();
  };
  return main.litStop;
}

// What a formula's element says, without the empty letters that only hold its place.
function written(element) {
  return (element?.textContent ?? "").replace(/[\u200b\s]/g, "");
}

// L₁, L₂ and L_S are each an L_k; L_{1→2} is an L_{k→j}.
function general(text) {
  return text.replace(/^([A-Z]|[a-z])(\d|S)(→\d)?$/, (_, letter, index, to) =>
    to ? `${letter}k→j` : letter === "M" ? "Mj" : `${letter}k`);
}

function isBase(element) {
  return [...(element.parentElement?.children ?? [])].some((each) => each.classList.contains("msupsub"));
}
