// Who, how many, which, how different, as of when, and which columns.

function controls(model, ask, change) {
  const state = model.get("state");
  const picker = combobox("User", "an id", (text) => ask("users", { text }), (user) => change({ user: user.row, liked: [] }));
  const offered = state.offered.map(({ row, name }) =>
    element("button", { type: "button", "data-row": row, onclick: () => change({ user: row, liked: [] }) }, shown(name, 40)));
  const k = slider("Length of the list (k)", { min: 1, max: state.most, step: 1 }, (value) => change({ k: value }));
  const diversity = slider("Diversity", { min: 0, max: 1, step: 0.05 }, (value) => change({ diversity: value }));
  const where = element("input", { type: "text", placeholder: "Comedy, or year > 2000", spellcheck: "false" });
  let sent = ""; // what is typed and not yet asked for must not be overwritten by an answer to something else
  where.addEventListener("input", later(300, () => {
    sent = where.value;
    change({ where: sent });
  }));
  const before = element("input", { type: "checkbox", onchange: () => change({ as_of: before.checked }) });
  const columns = state.columns.map((name) => {
    const box = element("input", { type: "checkbox", value: name, onchange: () =>
      change({ columns: state.columns.filter((each, place) => columns[place].querySelector("input").checked) }) });
    return element("label", {}, box, ` ${shown(name, 40)}`);
  });
  const draw = ({ question, liked, who: user }) => {
    picker.show(question.user && !liked.length ? user : "");
    offered.forEach((each) => each.setAttribute("aria-pressed", String(!liked.length && +each.dataset.row === question.user)));
    k.show(question.k);
    diversity.show(question.diversity);
    if (!where.matches(":focus") && where.value === sent) where.value = sent = question.where;
    before.checked = question.as_of;
    before.disabled = !question.user || liked.length > 0;
    columns.forEach((each) => {
      const box = each.querySelector("input");
      box.checked = question.columns.includes(box.value);
    });
  };
  const root = element("div", {},
    element("div", { class: "rm-row" }, picker.element, offered.length > 0 && element("span", { role: "group", "aria-label": "Users asked about" }, offered),
      element("label", {}, "Only items with ", where), k.element),
    element("div", { class: "rm-row" }, diversity.element,
      element("label", {}, before, ` as of the ${state.part} part, with hits marked`),
      columns.length > 0 && element("details", { class: "rm-columns" }, element("summary", {}, "Columns"), element("div", { class: "rm-row" }, columns))));
  return { element: root, draw };
}

// A labelled slider that says its value.
function slider(label, range, moved) {
  const value = element("output");
  const input = element("input", { type: "range", ...range, oninput: () => {
    value.textContent = input.value;
    moved(+input.value);
  } });
  const show = (now) => {
    if (!input.matches(":focus")) input.value = now;
    value.textContent = now;
  };
  return { element: element("label", {}, `${label} `, input, " ", value), show };
}

// A function that runs another once nobody has called it for some milliseconds.
function later(pause, run) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, pause);
  };
}
