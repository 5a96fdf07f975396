// A text field with suggestions, after the ARIA pattern of a combobox with a list: arrows, Enter and Escape, or a click.

function combobox(label, placeholder, search, choose) {
  const name = `rm-${Math.random().toString(36).slice(2)}`;
  const list = element("ul", { class: "rm-suggested", role: "listbox", id: `${name}-list`, "aria-label": label, hidden: true });
  const input = element("input", { type: "text", id: name, role: "combobox", placeholder, autocomplete: "off", spellcheck: "false",
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${name}-list` });
  let found = [];
  let active = -1;
  let kept = "";
  let asked = 0;

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  };
  const take = (each) => {
    asked += 1; // what is still on its way is too late
    close();
    kept = each.name;
    input.value = shown(each.name);
    choose(each);
  };
  const mark = (place) => {
    active = (place + found.length) % found.length;
    [...list.children].forEach((each, nth) => each.setAttribute("aria-selected", String(nth === active)));
    list.children[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[active].id);
  };
  const suggest = async () => {
    const number = ++asked;
    const answer = await search(input.value);
    if (number !== asked) return; // an older answer
    found = answer;
    list.replaceChildren(...found.map((each, nth) => element("li", { role: "option", id: `${name}-${nth}`, "aria-selected": "false", dir: "auto",
      onmousedown: (event) => {
        event.preventDefault(); // the field keeps the focus
        take(each);
      } }, shown(each.name, 80))));
    list.hidden = !found.length;
    active = -1;
    input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-expanded", String(found.length > 0));
  };
  const key = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && list.hidden) suggest();
    else if (step && found.length) mark(active < 0 && step < 0 ? found.length - 1 : active + step);
    else if (event.key === "Enter" && !list.hidden && found.length) take(found[Math.max(active, 0)]);
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
  };
  input.addEventListener("input", later(120, suggest));
  input.addEventListener("keydown", key);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    asked += 1;
    close();
    input.value = shown(kept);
  });
  const show = (value) => {
    const untouched = !input.matches(":focus") || input.value === shown(kept);
    kept = value;
    if (untouched) input.value = shown(value);
  };
  const root = element("span", { class: "rm-combo" }, element("label", { for: name }, `${label} `), input, list);
  return { element: root, show };
}
