// The comparison view: tables that sort by button, segments, and accuracy against another metric as a picture.

const WIDTH = 480, HEIGHT = 290, LEFT = 62, RIGHT = 120, TOP = 24, BOTTOM = 44;
let made = 0; // names of elements on the page must differ from view to view

// A table whose columns sort by a button: {head, title, number, value(row), cell(row)}. The first column heads its rows.
function sortable(caption, columns, rows, voice) {
  let by = null, down = true;
  const body = element("tbody");
  const heads = columns.map((column) => {
    const mark = element("span", { "aria-hidden": "true" });
    const button = element("button", { type: "button", title: column.title ?? null, "aria-describedby": column.described ?? null, onclick: () => sort(column) }, column.head, mark);
    return { mark, cell: element("th", { scope: "col", class: column.number ? "rm-number" : null }, button) };
  });

  function sort(column) {
    down = by === column ? !down : Boolean(column.number);
    by = column;
    fill();
    voice.say(`Sorted by ${column.head}, ${down ? "largest" : "smallest"} first`);
  }

  function fill() {
    columns.forEach((column, place) => {
      const { mark, cell } = heads[place];
      mark.textContent = column !== by ? "" : down ? " ↓" : " ↑";
      if (column === by) cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    const shownRows = by === null ? rows : ordered(rows, by.value, down);
    body.replaceChildren(...shownRows.map((row) => element("tr", {}, columns.map((column, place) => {
      const inside = column.cell ? column.cell(row) : column.number ? figure(column.value(row)) : column.value(row);
      return element(place ? "td" : "th", { scope: place ? null : "row", dir: "auto", class: column.number ? "rm-number" : null }, inside);
    }))));
  }

  fill();
  return element("div", { class: "rm-scroll", role: "region", tabindex: 0, "aria-label": caption },
    element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, heads.map((head) => head.cell))), body));
}

function choice(name, options, chosen, act) {
  const select = element("select", { onchange: () => act(select.value) }, options.map((option) => element("option", { value: option, selected: option === chosen }, option)));
  return element("label", {}, `${name} `, select);
}

function verdict(word) {
  return word ? element("span", { class: "rm-verdict", "data-is": word }, word) : null;
}

function notes(metrics, prefix) {
  return element("ol", { class: "rm-notes" }, metrics.map((metric) => element("li", { id: `${prefix}-${metric.label}` },
    `${metric.label}: ${metric.definition}${metric.lower ? " Lower is better." : ""}`)));
}

// Each model as a point, told apart by shape, colour and its name beside it.
function picture(state, across, up) {
  const points = state.rows.filter((row) => row.of === state.all && row.values[across] != null && row.values[up] != null)
    .map((row) => ({ name: row.model, x: row.values[across], y: row.values[up] }));
  const limits = (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const margin = 0.1 * (high - low) || 0.1 * Math.abs(high) || 0.5;
    return [low - margin, high + margin];
  };
  const [left, right] = limits(points.map((point) => point.x));
  const [low, high] = limits(points.map((point) => point.y));
  const x = (value) => LEFT + ((value - left) / (right - left)) * (WIDTH - LEFT - RIGHT);
  const y = (value) => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const told = points.map((point) => `${shown(point.name, 40)}: ${figure(point.x)} and ${figure(point.y)}`).join("; ");
  const drawn = svg("svg", { role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT },
    svg("title", {}, `${up} upwards against ${across} across. ${told}`),
    svg("path", { d: `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}`, fill: "none", stroke: "var(--rm-faint)" }),
    svg("text", { x: 4, y: 13 }, up),
    svg("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 8, "text-anchor": "middle" }, across));
  for (const share of [0, 0.5, 1]) {
    const [at, height] = [left + share * (right - left), low + share * (high - low)];
    drawn.append(svg("text", { class: "rm-tick", x: x(at), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, String(Number(at.toPrecision(3)))),
      svg("text", { class: "rm-tick", x: LEFT - 6, y: y(height) + 4, "text-anchor": "end" }, String(Number(height.toPrecision(3)))));
  }
  points.forEach((point, number) => {
    const [cx, cy] = [x(point.x), y(point.y)];
    const shapes = [`M${cx - 5} ${cy}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z`, `M${cx - 5} ${cy - 5}h10v10h-10Z`, `M${cx} ${cy - 6}l6 11h-12Z`, `M${cx} ${cy - 6}l6 6l-6 6l-6 -6Z`];
    drawn.append(svg("path", { d: shapes[number % 4], fill: state.colours[number % state.colours.length] }, svg("title", {}, shown(point.name))),
      svg("text", { x: cx + 10, y: cy + 4 }, shown(point.name, 18)));
  });
  return drawn;
}

// Low to high as a line over a scale that all rows share, with a mark at no difference.
function whisker(row, reach) {
  const x = (value) => 60 + (value / reach) * 56;
  return [svg("svg", { width: 120, height: 16, viewBox: "0 0 120 16", "aria-hidden": "true" },
    svg("path", { d: "M60 0V16", stroke: "var(--rm-faint)", "stroke-dasharray": "2 2" }),
    svg("path", { d: `M${x(row.low)} 8H${x(row.high)}`, stroke: "var(--rm-ink)", "stroke-width": 2 }),
    svg("circle", { cx: x(row.difference), cy: 8, r: 4, fill: "var(--rm-brand)" })),
  element("span", { class: "rm-sure" }, `${signed(row.low)} to ${signed(row.high)}`)];
}

function signed(value) {
  return value == null ? "–" : `${value < 0 ? "−" : "+"}${figure(Math.abs(value))}`;
}

function comparison(state, voice) {
  const prefix = `rm-metric-${++made}`;
  const defined = Object.fromEntries(state.metrics.map((metric) => [metric.label, metric.definition]));
  const reach = {};
  for (const row of state.rows) reach[row.metric] = Math.max(reach[row.metric] ?? 1e-12, Math.abs(row.low), Math.abs(row.high));
  const metric = (row) => element("span", { title: defined[row.metric] }, row.metric);
  return [sortable(state.title, [
    { head: "model", value: (row) => row.model },
    { head: "metric", value: (row) => row.metric, cell: metric },
    { head: "value", number: true, value: (row) => row.value },
    { head: `of ${shown(state.first, 40)}`, number: true, value: (row) => row.against_value },
    { head: "difference", number: true, value: (row) => row.difference, cell: (row) => signed(row.difference) },
    { head: "95 % interval", value: (row) => row.low, number: true, cell: (row) => whisker(row, reach[row.metric]) },
    { head: "p", number: true, value: (row) => row.p },
    { head: "verdict", value: (row) => row.verdict, cell: (row) => verdict(row.verdict) },
  ], state.rows, voice), ...state.facts.map((fact) => element("p", { class: "rm-note" }, fact)), notes(state.metrics, prefix)];
}

function report(state, voice) {
  const prefix = `rm-metric-${++made}`;
  const groups = [...new Set(state.metrics.map((metric) => metric.group))];
  const apart = state.rows.some((row) => row.of !== state.all);
  const chosen = { group: groups[0], apart: false, segment: state.shown, across: null, up: state.shown };
  const table = element("div"), segments = element("div"), drawing = element("div");

  function value(row, label) {
    const sure = row.sure?.[label];
    return [figure(row.values[label]), sure ? element("span", { class: "rm-sure" }, `${figure(sure[0])} to ${figure(sure[1])}`) : null, verdict(row.verdict?.[label])];
  }

  function fill() {
    const metrics = state.metrics.filter((metric) => metric.group === chosen.group);
    const rows = state.rows.filter((row) => (chosen.apart || row.of === state.all) && metrics.some((metric) => row.values[metric.label] != null));
    const named = (row) => (row.of === state.all ? row.model : `${row.model} · ${row.of} (${row.users.toLocaleString("en")})`);
    table.replaceChildren(sortable(state.title, [{ head: "model", value: named },
      ...metrics.map((metric) => ({ head: metric.label, title: metric.definition, described: `${prefix}-${metric.label}`, number: true, value: (row) => row.values[metric.label], cell: (row) => value(row, metric.label) })),
    ], rows, voice), notes(metrics, prefix));
  }

  function divide() {
    const models = [...new Set(state.segments.map((row) => row.model))];
    const names = [...new Set(state.segments.map((row) => row.of))];
    const at = Object.fromEntries(state.segments.map((row) => [`${row.of}\n${row.model}`, row]));
    const of = (name, model) => at[`${name}\n${model}`]?.values[chosen.segment];
    const most = Math.max(1e-12, ...state.segments.map((row) => row.values[chosen.segment] ?? 0));
    segments.replaceChildren(sortable(`${chosen.segment} by ${state.by}`, [
      { head: "segment", value: (name) => name },
      { head: "users", number: true, value: (name) => at[`${name}\n${models[0]}`]?.users, cell: (name) => String(at[`${name}\n${models[0]}`]?.users ?? "–") },
      ...models.map((model) => ({ head: shown(model, 40), number: true, value: (name) => of(name, model),
        cell: (name) => [figure(of(name, model)), element("span", { class: "rm-sure rm-barred", "aria-hidden": "true" }, "█".repeat(Math.round(10 * (of(name, model) ?? 0) / most)) || "▏")] })),
    ], names, voice));
  }

  const everywhere = state.metrics.map((metric) => metric.label).filter((label) => state.rows.some((row) => row.of === state.all && row.values[label] != null));
  const beyond = state.metrics.filter((metric) => metric.group === "beyond accuracy" && everywhere.includes(metric.label)).map((metric) => metric.label);
  chosen.across = beyond.find((label) => label.startsWith("coverage")) ?? beyond[0];
  const draw = () => drawing.replaceChildren(picture(state, chosen.across, chosen.up));
  const box = element("input", { type: "checkbox", onchange: () => { chosen.apart = box.checked; fill(); } });
  fill();
  const parts = [element("div", { class: "rm-row" },
    groups.length > 1 ? choice("Metrics", groups, chosen.group, (group) => { chosen.group = group; fill(); }) : null,
    apart ? element("label", {}, box, " warm and cold apart") : null), table];
  if (Object.keys(state.rows[0]?.verdict ?? state.rows.find((row) => row.verdict)?.verdict ?? {}).length) {
    parts.push(element("p", { class: "rm-note" }, `Under a value: its 95 % interval, and whether it is better or worse than ${shown(state.first, 60)}'s by more than chance (paired bootstrap over users, Holm's correction).`));
  }
  if (state.segments.length) {
    divide();
    const labels = [...new Set(state.segments.flatMap((row) => Object.keys(row.values)))];
    parts.push(element("section", {}, element("div", { class: "rm-row" }, choice("Metric of the segments", labels, chosen.segment, (label) => { chosen.segment = label; divide(); })), segments));
  }
  if (chosen.across && state.shown) {
    draw();
    parts.push(element("section", {}, element("div", { class: "rm-row" },
      choice("Across", beyond, chosen.across, (label) => { chosen.across = label; draw(); }),
      choice("Upwards", everywhere.filter((label) => !beyond.includes(label)), chosen.up, (label) => { chosen.up = label; draw(); })), drawing));
  }
  return [...parts, ...state.facts.map((fact) => element("p", { class: "rm-note" }, fact))];
}

function render({ model, el }) {
  const voice = announcer();
  const state = model.get("state");
  const parts = state.kind === "report" ? report(state, voice) : comparison(state, voice);
  el.append(element("div", { class: "rm-view rm-comparison" }, parts, voice));
}

export default { render };
