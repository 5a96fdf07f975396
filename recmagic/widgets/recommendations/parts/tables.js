// One table a model, sorted by the header that was pressed last, with the reasons of a row under it when asked for.

function tables(model, ask) {
  const several = model.get("state").lists.length > 1;
  const place = element("div", { class: several ? "rm-lists rm-several" : "rm-lists" });
  const sorting = { key: "rank", down: false };
  let reasons = new Map(); // "place/item" -> sentences
  let last = null;
  const draw = (state) => {
    if (state !== last) reasons = new Map();
    last = state;
    const focused = place.querySelector(":focus")?.dataset.key;
    place.replaceChildren(...state.lists.map((list, nth) => oneTable(state, list, nth)));
    if (focused) [...place.querySelectorAll("button")].find((each) => each.dataset.key === focused)?.focus();
  };
  const sortBy = (key) => {
    sorting.down = sorting.key === key ? !sorting.down : false;
    sorting.key = key;
    draw(last);
  };
  const why = async (nth, row) => {
    const key = `${nth}/${row.item}`;
    const asked = last;
    if (reasons.has(key)) reasons.delete(key);
    else {
      const sentences = await ask("why", { place: nth, item: row.item }).catch((refused) => [refused.message]);
      if (asked !== last) return; // another list is shown by now
      reasons.set(key, sentences);
    }
    draw(last);
  };

  const oneTable = (state, list, nth) => {
    const columns = columnsOf(state, list);
    const head = columns.map((column) => {
      const sorted = sorting.key === column.key;
      const button = column.value && element("button", { type: "button", "data-key": `${nth}:${column.key}`, onclick: () => sortBy(column.key) },
        column.name, element("span", { "aria-hidden": "true" }, sorted ? (sorting.down ? " ▼" : " ▲") : " ↕"));
      return element("th", { scope: "col", class: column.number && "rm-number",
        "aria-sort": column.value && (sorted ? (sorting.down ? "descending" : "ascending") : "none") }, button || column.name);
    });
    const body = inOrder(state, list, sorting).flatMap((row) => {
      const key = `${nth}/${row.item}`;
      const cells = columns.map((column) => element(column.heads ? "th" : "td",
        { class: column.number ? "rm-number" : column.value && breaks(column.value(row)), scope: column.heads && "row", dir: column.heads && "auto" }, column.draw(row)));
      const button = element("button", { type: "button", "data-key": `why:${key}`, "aria-expanded": String(reasons.has(key)),
        "aria-label": `Why ${shown(row.name, 60)}?`, onclick: () => why(nth, row) }, "why");
      const reason = reasons.has(key) && element("tr", { class: "rm-reason" }, element("td", { colspan: columns.length + 1 },
        reasons.get(key).map((each) => element("p", { class: "rm-note", dir: "auto" }, prose(each, 600)))));
      return [element("tr", { class: row.hit && "rm-hit-row" }, cells, element("td", {}, button)), ...(reason ? [reason] : [])];
    });
    const none = element("tr", {}, element("td", { colspan: columns.length + 1 }, "No item is left to list: ask for others."));
    const caption = `Recommended by ${list.model} for ${who(state)}`;
    return element("div", { class: "rm-list" },
      element("div", { class: "rm-scroll" }, element("table", {}, element("caption", { dir: "auto" }, prose(caption, 300)),
        element("thead", {}, element("tr", {}, head, element("th", { scope: "col" }, "why"))), element("tbody", {}, body.length ? body : none))),
      list.agreement && element("p", { class: "rm-note" }, list.agreement));
  };
  return { element: place, draw };
}

// The columns of a list: a key and a name, what is sorted by (none: not sorted), and what a cell holds.
function columnsOf(state, list) {
  const facts = state.question.columns.map((name, nth) => ({ key: `fact ${name}`, name: shown(name, 40),
    number: list.rows.some((row) => typeof row.facts[nth] === "number"), value: (row) => row.facts[nth], draw: (row) => shown(row.facts[nth]) }));
  const image = { key: "image", name: shown(state.images, 40),
    draw: (row) => (row.image ? element("img", { src: row.image, alt: "", loading: "lazy", referrerpolicy: "no-referrer" }) : "–") };
  return [
    { key: "rank", name: "rank", number: true, value: (row) => row.rank, draw: (row) => String(row.rank) },
    ...(list.against ? [{ key: "move", name: `against ${shown(list.against, 30)}`, draw: (row) => moved(row.move) }] : []),
    ...(state.images ? [image] : []),
    { key: "name", name: shown(state.label, 40), heads: true, value: (row) => row.name,
      draw: (row) => [shown(row.name), row.hit && element("span", { class: "rm-hit" }, `✓ ${row.hit}`)] },
    ...facts,
    { key: "score", name: "score", number: true, value: (row) => row.score, draw: (row) => [figure(row.score),
      element("div", { class: "rm-bar", "aria-hidden": "true" }, element("div", { style: `width:${Math.round(row.bar * 100)}%` }))] },
  ];
}

function inOrder(state, list, sorting) {
  const column = columnsOf(state, list).find((each) => each.key === sorting.key && each.value);
  return column ? ordered(list.rows, column.value, sorting.down) : list.rows;
}

// A move as a sign that people see, and in words for who listens.
function moved(move) {
  const words = { "▲": "up ", "▼": "down " }[move[0]];
  const said = words ? words + move.slice(1) : move === "=" ? "same place" : move;
  return [element("span", { "aria-hidden": "true" }, move), element("span", { class: "rm-said" }, said)];
}
