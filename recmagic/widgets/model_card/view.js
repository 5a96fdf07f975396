// The card of a model: its text beside its drawing. Pointing at a statement, or moving the focus to it, marks it in both.

const SIDES = { user: "user side", item: "item side", both: "user and item", none: "" };

function outline(side, x, y, width, height) {
  if (side !== "both") return element("svg:rect", { x, y, width, height, rx: side === "user" ? 16 : 0 });
  const [right, middle, low] = [x + width, y + height / 2, y + height];
  return element("svg:path", {
    d: `M${x} ${middle}L${x + 12} ${y}H${right - 12}L${right} ${middle}L${right - 12} ${low}H${x + 12}Z`,
  });
}

function curve(points) {
  let [x, y] = points[0];
  let path = `M${x} ${y}`;
  for (const [nextX, nextY] of points.slice(1)) {
    const middle = (y + nextY) / 2;
    path += `C${x} ${middle} ${nextX} ${middle} ${nextX} ${nextY}`;
    [x, y] = [nextX, nextY];
  }
  return `${path}M${x - 4} ${y - 7}L${x} ${y}L${x + 4} ${y - 7}`;
}

function drawn({ width, height, box, boxes, edges }, name) {
  const [wide, high] = box;
  const label = (text, x, y, kind, limit = 24) => element("svg:text", { x, y, class: kind }, shown(text, limit));
  const lines = edges.map((edge) =>
    element("svg:path", { d: curve(edge.points), class: "rm-edge", "data-from": edge.from, "data-to": edge.to }),
  );
  const made = boxes.map(({ name, caption, side, flows, at: [x, y] }) => {
    const told = [shown(name), caption && `shape ${caption}`, SIDES[side]].filter(Boolean).join(", ");
    const middle = x + wide / 2;
    return element(
      "svg:g",
      { class: `rm-box rm-${side}`, "data-name": name, tabindex: 0, role: "button", "aria-label": told },
      outline(side, x, y, wide, high),
      label(name, middle, y + 17, "rm-name", 20),
      label(caption, middle, y + 31, "rm-caption"),
      label(SIDES[side], middle, y + 45, "rm-side"),
      flows && edges.some((edge) => edge.from === name) ? label(flows, middle + 5, y + high + 13, "rm-flows") : null,
    );
  });
  const options = { viewBox: `0 0 ${width} ${height}`, width, role: "group", "aria-label": `Graph of ${shown(name)}` };
  return element("svg:svg", options, lines, made);
}

function table(caption, columns, rows) {
  const head = element("tr", {}, columns.map((column) => element("th", { scope: "col" }, column)));
  const body = rows.map(([first, ...rest]) =>
    element("tr", {}, element("th", { scope: "row" }, first), rest.map((cell) => element("td", {}, String(cell)))),
  );
  const told = element("caption", {}, caption);
  const whole = element("table", {}, told, element("thead", {}, head), element("tbody", {}, body));
  return element("div", { class: "rm-scroll", tabindex: 0 }, whole);
}

function render({ model, el }) {
  const { head, name, text, drawing, columns, rows, notes, told: measured, beside } = model.get("state");
  const told = announcer();
  const known = new Set(drawing.boxes.map((box) => box.name));
  const code = text.map((line) => {
    const options = { class: "rm-statement", "data-name": line.name };
    return known.has(line.name)
      ? element("button", { ...options, type: "button" }, prose(line.text, 1000))
      : element("span", options, line.text ? prose(line.text, 1000) : "\u00a0");
  });
  const root = element(
    "div",
    { class: "rm-view rm-card" },
    element("p", { class: "rm-head" }, prose(head, 1000)),
    beside.rows.length ? table(prose(measured, 300), beside.columns, beside.rows) : null,
    element("div", { class: "rm-beside" }, element("div", { class: "rm-code" }, code),
      element("div", { class: "rm-scroll", tabindex: 0, role: "region", "aria-label": "Drawing" }, drawn(drawing, name))),
    element("details", {}, element("summary", {}, "Shapes, sides and parameters"),
      table(`What ${shown(name)} is made of`, columns, rows)),
    notes.map((note) => element("p", { class: "rm-note" }, prose(note, 1000))),
    told,
  );
  const marked = root.querySelectorAll("[data-name]");
  const edges = root.querySelectorAll(".rm-edge");
  const mark = (statement) => {
    for (const each of marked) each.classList.toggle("rm-lit", Boolean(statement) && each.dataset.name === statement);
    for (const each of edges) {
      const touched = Boolean(statement) && [each.dataset.from, each.dataset.to].includes(statement);
      each.classList.toggle("rm-lit", touched);
    }
  };
  const at = (event) => event.target.closest?.("[data-name]")?.dataset.name ?? "";
  const focused = () => document.activeElement?.closest?.("[data-name]")?.dataset.name ?? "";
  root.addEventListener("pointerover", (event) => mark(at(event) || focused()));
  root.addEventListener("pointerleave", () => mark(focused()));
  root.addEventListener("focusin", (event) => {
    mark(at(event));
    const fed = drawing.edges.filter((edge) => edge.to === at(event)).map((edge) => shown(edge.from));
    if (at(event)) told.say(`${shown(at(event))}${fed.length ? `, made of ${fed.join(" and ")}` : ""}`);
  });
  root.addEventListener("focusout", () => mark(""));
  el.append(root);
}

export default { render };
