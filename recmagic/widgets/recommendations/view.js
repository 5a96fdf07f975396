// The live table of recommendations. What is shown is `state`, which the kernel changes when it is asked something new.

function render({ model, el, signal }) {
  const ask = asker(model, signal);
  const told = announcer();
  const error = element("p", { class: "rm-error", role: "alert" });
  const change = questions(model, ask, error, signal);
  const parts = [controls(model, ask, change), whatIf(model, ask, change), tables(model, ask), history(model), footer(model)];
  const [asked, supposed, lists, past, foot] = parts.map((part) => part.element);
  // JupyterLab takes arrows and letters for its own where the focus is not in a text field, unless the element says so.
  const own = (event) => event.target.matches(":read-write") || event.target.setAttribute("data-lm-suppress-shortcuts", "true");
  const root = element("div", { class: "rm-view rm-recs", onfocusin: own },
    asked, supposed, error, element("div", { class: "rm-beside" }, lists, past), foot, told);
  const draw = () => parts.forEach((part) => part.draw(model.get("state")));
  const renewed = () => {
    draw();
    told.say(summary(model.get("state")));
  };
  model.on("change:state", renewed);
  signal?.addEventListener("abort", () => model.off("change:state", renewed));
  draw();
  el.append(root);
}

// A function that asks for something else than what is shown. Only the newest question waits while the kernel is busy.
function questions(model, ask, error, signal) {
  let wanted = null;
  let answered = null; // the kernel's word that it is done may come a moment before the state that it made
  let busy = false;
  const arrived = () => (answered = null);
  model.on("change:state", arrived);
  signal?.addEventListener("abort", () => model.off("change:state", arrived));
  return async (part) => {
    wanted = { ...(wanted ?? answered ?? model.get("state").question), ...part };
    if (busy) return;
    busy = true;
    while (wanted) {
      const question = wanted;
      try {
        await ask("ask", { question });
        answered = question;
        error.textContent = "";
      } catch (refused) {
        error.textContent = refused.message;
      }
      if (wanted === question) wanted = null;
    }
    busy = false;
  };
}

function summary(state) {
  const counts = state.lists.map((list) => `${list.rows.length} by ${list.model}`).join(", ");
  const agreed = state.lists.map((list) => list.agreement).join(" ");
  return `Recommendations for ${who(state)}: ${counts}. ${agreed}`;
}

function who(state) {
  if (!state.liked.length) return state.question.user ? `user ${state.who}` : state.who;
  const names = state.liked.slice(-3).map((each) => shown(each.name, 60));
  const more = state.liked.length - names.length;
  return `a new user who likes ${names.join(", ")}${more ? ` and ${more} more` : ""}`;
}

// The class of a cell that holds a word longer than a column should be: only such a word may be broken anywhere.
function breaks(...values) {
  return values.some((value) => /\S{25}/.test(String(value ?? ""))) && "rm-breaks";
}

function history(model) {
  const place = element("div", { class: "rm-past" });
  const draw = ({ history: past, who: user, question }) => {
    place.replaceChildren();
    if (!question.user || question.liked.length) return;
    const head = ["title", ...(past.rated ? ["rating"] : [])];
    const rows = past.rows.map((row) => element("tr", {}, element("th", { scope: "row", dir: "auto", class: breaks(row.name) }, shown(row.name, 80)),
      past.rated && element("td", { class: "rm-number" }, row.rating == null ? "–" : String(+row.rating.toFixed(2)))));
    const left = past.left ? ` (the newest ${past.rows.length} of ${past.rows.length + past.left})` : "";
    place.append(element("div", { class: "rm-scroll rm-tall", tabindex: "0", role: "region", "aria-label": `History of user ${shown(user)}` },
      element("table", {}, element("caption", {}, `History of user ${shown(user, 60)}, newest first${left}`),
        element("thead", {}, element("tr", {}, head.map((name) => element("th", { scope: "col" }, name)))),
        element("tbody", {}, rows.length ? rows : element("tr", {}, element("td", { colspan: head.length }, "nothing yet"))))));
  };
  return { element: place, draw };
}

function footer(model) {
  const code = element("code");
  const notes = element("div");
  const button = element("button", { type: "button", onclick: () => download(model.get("state")) }, "Download what is shown (CSV)");
  const draw = (state) => {
    code.textContent = shown(state.code, 1000);
    const every = [...new Set(state.lists.flatMap((list) => list.notes))];
    notes.replaceChildren(...every.map((note) => element("p", { class: "rm-note" }, prose(note, 500))));
  };
  const told = element("p", { class: "rm-note" }, "The same as a table in Python: ", code);
  return { element: element("div", {}, notes, element("div", { class: "rm-row" }, button), told), draw };
}

export default { render };
