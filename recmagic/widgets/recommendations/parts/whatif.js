// What if: a new user who likes some items; the list follows each item that comes or goes.

function whatIf(model, ask, change) {
  const { cannot } = model.get("state");
  const chips = element("ul", { class: "rm-chips", "aria-label": "Liked items" });
  const picker = combobox("Add an item that they like", "a title", (text) => ask("items", { text }), (item) => {
    const { liked } = model.get("state").question;
    if (!liked.includes(item.row)) change({ liked: [...liked, item.row] });
  });
  const taken = element("button", { type: "button", onclick: () => {
    const liked = model.get("state").history.rows.filter((row) => row.liked).slice(0, 10).map((row) => row.row);
    if (liked.length) change({ liked: liked.reverse() }); // the newest last, as a history has it
  } }, "Start from this user's latest likes");
  const back = element("button", { type: "button", onclick: () => change({ liked: [] }) }, "Back to the user");
  const draw = (state) => {
    const focused = chips.querySelector(":focus");
    chips.replaceChildren(...state.liked.map(({ row, name }) => element("li", {}, element("span", { dir: "auto" }, shown(name, 60)),
      element("button", { type: "button", "aria-label": `Remove ${shown(name, 60)}`, onclick: () =>
        change({ liked: model.get("state").question.liked.filter((each) => each !== row) }) }, "×"))));
    if (focused) (chips.querySelector("button") ?? picker.element.querySelector("input")).focus();
    picker.show("");
    back.hidden = !state.liked.length || !state.question.user;
    taken.hidden = state.liked.length > 0 || !state.history.rows.some((row) => row.liked);
  };
  const inside = cannot ? [element("p", { class: "rm-note" }, cannot)]
    : [chips, element("div", { class: "rm-row" }, picker.element, taken, back)];
  const open = model.get("state").liked.length > 0;
  return { element: element("details", { class: "rm-whatif", open }, element("summary", {}, "What if somebody new likes …"), ...inside),
    draw: cannot ? () => {} : draw };
}
