// Shows one number and its arithmetic; each operand leads to where it comes from.

const FEW = 40; // operands that are listed
const add = (parent, tag, text = "", name = "") => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  parent.append(made);
  return made;
};
const number = (value) => (Number.isInteger(value) ? value.toLocaleString("en") : Number(value.toPrecision(6)).toString());
const place = ([, row, column, channel]) => `[${row}, ${column}, ${channel}]`;

/**
 * @param {HTMLElement} host
 * @param {any} cell of `cell.js`
 * @param {any[]} path the numbers that led here
 * @param {(ref: any[], path: any[]) => void} go
 */
export function showCell(host, cell, path, go) {
  host.replaceChildren();
  const trail = add(host, "p", "", "trail");
  path.forEach((ref, k) => {
    add(trail, "button", `${ref[0]}${place(ref)}`).addEventListener("click", () => go(ref, path.slice(0, k)));
    trail.append(" ‹ ");
  });
  add(trail, "b", `${cell.ref[0]}${place(cell.ref)}`);
  add(host, "p", cell.title);
  const real = cell.scale === null ? "" : `, stands for ${number(cell.scale * (cell.value - cell.zero))} = ${number(cell.scale)} × (${cell.value} − ${cell.zero})`;
  add(host, "p", `The number: ${cell.value}${real}`, "value");
  add(host, "p", cell.rule);
  if (cell.operands.length) operands(host, cell, path, go);
  if (cell.steps.length) {
    const list = add(host, "ol", "", "steps");
    for (const { words, value } of cell.steps) add(list, "li", `${words}: ${number(value)}`);
  }
  const agrees = cell.result === cell.value;
  if (cell.operands.length) add(host, "p", agrees ? `The result is ${cell.result}: the number above.` : `The result is ${cell.result}, not ${cell.value}.`, "result");
}

function operands(host, cell, path, go) {
  const table = add(add(host, "div", "", "wide"), "table"), head = add(table, "tr");
  const weighted = cell.operands.some(({ weight }) => weight !== null);
  for (const name of ["operand", "value", "− zero point", ...(weighted ? ["× weight"] : [])]) add(head, "th", name);
  for (const { symbol, value, weight, ref, zero } of cell.operands.slice(0, FEW)) {
    const row = add(table, "tr"), first = add(row, "td");
    if (ref) add(first, "button", `${ref[0]}${place(ref)}`).addEventListener("click", () => go(ref, [...path, cell.ref]));
    else first.textContent = symbol === "b" ? "bias" : symbol;
    add(row, "td", number(value));
    add(row, "td", ref ? number(value - zero) : "");
    if (weighted) add(row, "td", weight === null ? "" : number(weight));
  }
  const more = cell.operands.length - FEW;
  if (more > 0) add(host, "p", `… and ${more.toLocaleString("en")} more.`);
}
