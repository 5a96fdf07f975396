// What all views share. It stands before each view's own file, in one module: no build step, nothing from elsewhere.

// Control characters break layouts; directional overrides and isolates turn round what stands after them.
const UNSAFE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

// Text as it may be shown: without the characters above, cut to a length. It is only ever set as text, never as HTML.
function shown(value, limit = 200) {
  const text = String(value ?? "–").replace(UNSAFE, "");
  return text.length > limit ? text.slice(0, limit - 1).trimEnd() + "…" : text;
}

// A text node of more than `element` lets a text be, which is as long as a title may be: a sentence, a line of a cell.
function prose(value, limit) {
  return document.createTextNode(shown(value, limit));
}

// An element. Attributes whose value is false or null are left out, functions are listeners (`onclick`), the rest are
// set as attributes; children are elements, or text.
function element(tag, attributes = {}, ...children) {
  const made = tag.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    if (child != null && child !== false) made.append(child instanceof Node ? child : shown(child));
  }
  return made;
}

function svg(tag, attributes, ...children) {
  return element(`svg:${tag}`, attributes, ...children);
}

// Rows in the order of what `value` gives of each, numbers as numbers; those without a value come last either way.
function ordered(rows, value, down) {
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a == null || b == null) return (a == null) - (b == null);
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return down ? -order : order;
  });
}

// A number as the static tables have it: four decimals, a dash for none.
function figure(value, digits = 4) {
  if (value == null) return "–";
  return Math.abs(value) < 1000 ? value.toFixed(digits) : value.toLocaleString("en", { maximumFractionDigits: 1 });
}

// A function `ask(verb, options)` whose promise holds what the kernel answers, or is refused with its message.
// `cleaned` is an AbortSignal that ends with the view.
function asker(model, cleaned) {
  const waiting = new Map();
  let number = 0;
  const hear = (reply) => {
    const [keep, refuse] = waiting.get(reply.number) ?? [];
    if (!keep) return; // another view of the same model has asked
    waiting.delete(reply.number);
    if (reply.error) refuse(new Error(reply.error));
    else keep(reply.answer);
  };
  model.on("msg:custom", hear);
  cleaned?.addEventListener("abort", () => model.off("msg:custom", hear));
  const view = Math.random().toString(36).slice(2);
  return (verb, options = {}) =>
    new Promise((keep, refuse) => {
      const name = `${view}-${++number}`;
      waiting.set(name, [keep, refuse]);
      model.send({ number: name, verb, options });
    });
}

// One polite live region: what a screen reader is told when something has changed.
function announcer() {
  const region = element("div", { class: "rm-told", role: "status", "aria-live": "polite" });
  region.say = (text) => {
    region.textContent = shown(text, 500);
  };
  return region;
}
