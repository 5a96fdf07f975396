// The item map: points on a canvas. Only places and colours are here; titles and neighbours are asked of the kernel.

const MARGIN = 12;

function render({ model, el, signal }) {
  const ask = asker(model, signal);
  const state = model.get("state");
  const bytes = (name) => { const view = model.get(name); return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength); };
  const places = new Float32Array(bytes("places"));
  const groups = new Uint8Array(bytes("groups"));
  const count = groups.length;
  const canvas = element("canvas", { role: "img", "aria-label": `${state.about}. The field above this picture finds items by their titles.` });
  const tip = element("div", { class: "rm-tip", hidden: true });
  const side = element("div", { class: "rm-side" });
  const voice = announcer();
  const titles = new Map(); // places whose titles are known
  let chosen = null, near = [], over = null, drawn = 0, points = null, width = 0, height = 0, scale = 1, wide = 0, high = 0;
  for (let at = 0; at < count; at++) { wide = Math.max(wide, places[2 * at]); high = Math.max(high, places[2 * at + 1]); }

  const x = (at) => (width - scale * wide) / 2 + places[2 * at] * scale;
  const y = (at) => height - (height - scale * high) / 2 - places[2 * at + 1] * scale;

  // All points are drawn once, each group from one small picture of its mark; a pointer that moves only lays rings on it.
  function layer() {
    const dots = window.devicePixelRatio || 1;
    const drawing = Object.assign(document.createElement("canvas"), { width: width * dots, height: height * dots });
    const pen = drawing.getContext("2d");
    const size = (count > 3000 ? 1.6 : count > 500 ? 2.4 : 3.5) * dots;
    const half = Math.ceil(2 * size);
    pen.globalAlpha = 0.85;
    state.names.forEach((_, group) => {
      const stamp = Object.assign(document.createElement("canvas"), { width: 2 * half, height: 2 * half });
      const ink = stamp.getContext("2d");
      ink.fillStyle = state.colours[group % state.colours.length];
      ink.beginPath();
      mark(ink, half, half, group, size);
      ink.fill();
      for (let at = 0; at < count; at++) if (groups[at] === group) pen.drawImage(stamp, Math.round(x(at) * dots) - half, Math.round(y(at) * dots) - half);
    });
    return drawing;
  }

  function draw() {
    drawn = 0;
    const began = performance.now();
    if (!canvas.clientWidth) return;
    if (canvas.clientWidth !== width || canvas.clientHeight !== height) {
      [width, height] = [canvas.clientWidth, canvas.clientHeight];
      scale = Math.min((width - 2 * MARGIN) / Math.max(wide, 1e-9), (height - 2 * MARGIN) / Math.max(high, 1e-9));
      points = layer();
      [canvas.width, canvas.height] = [points.width, points.height];
    }
    const pen = canvas.getContext("2d");
    const dots = points.width / width;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(points, 0, 0);
    pen.scale(dots, dots);
    pen.strokeStyle = getComputedStyle(el.firstElementChild).color;
    const rings = [...near.map((each) => [each.place, 5]), [chosen, 9], [over, 7]];
    for (const [at, reach] of rings) {
      if (at === null) continue;
      pen.lineWidth = at === chosen ? 2.5 : 1.5;
      pen.beginPath();
      pen.arc(x(at), y(at), reach, 0, 7);
      pen.stroke();
    }
    canvas.dataset.milliseconds = (performance.now() - began).toFixed(2); // what a frame costs: tests/benchmarks/map_frames.py reads it
  }

  function mark(pen, cx, cy, group, size) {
    const kind = group % 4;
    if (kind === 0) { pen.moveTo(cx + size, cy); pen.arc(cx, cy, size, 0, 7); return; }
    if (kind === 1) { pen.rect(cx - size, cy - size, 2 * size, 2 * size); return; }
    const corners = kind === 2 ? [[0, -1.3], [1.2, 1], [-1.2, 1]] : [[0, -1.4], [1.4, 0], [0, 1.4], [-1.4, 0]];
    corners.forEach(([dx, dy], nth) => (nth ? pen.lineTo(cx + dx * size, cy + dy * size) : pen.moveTo(cx + dx * size, cy + dy * size)));
    pen.closePath();
  }

  const later = () => { if (!drawn) drawn = requestAnimationFrame(draw); };

  // The nearest point to the pointer, if one is within ten pixels.
  function under(event) {
    const box = canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let best = null, least = 100;
    for (let at = 0; at < count; at++) {
      const far = (x(at) - px) ** 2 + (y(at) - py) ** 2;
      if (far < least) [least, best] = [far, at];
    }
    return best;
  }

  async function hover(event) {
    const at = under(event);
    if (at === over) return;
    over = at;
    later();
    tip.hidden = true;
    if (at === null) return;
    if (!titles.has(at)) titles.set(at, await ask("title", { place: at }).catch(() => "–"));
    if (over !== at) return; // the pointer has moved on
    tip.textContent = shown(`${titles.get(at)} (${state.names[groups[at]].name})`, 160);
    tip.style.left = `${Math.min(x(at) + 10, Math.max(width - 200, 0))}px`;
    tip.style.top = `${y(at) + 10}px`;
    tip.hidden = false;
  }

  async function choose(at) {
    let found;
    try {
      found = await ask("near", { place: at });
    } catch (error) {
      side.replaceChildren(element("p", { class: "rm-error", role: "alert" }, shown(error.message)));
      return;
    }
    chosen = at;
    near = found.near;
    const rows = near.map((each, nth) => element("tr", {}, element("td", { class: "rm-number" }, String(nth + 1)),
      element("th", { scope: "row", dir: "auto" }, element("button", { type: "button", onclick: () => choose(each.place) }, shown(each.title, 60))),
      element("td", { class: "rm-number" }, figure(each.cosine))));
    side.replaceChildren(element("div", { class: "rm-scroll" }, element("table", {}, element("caption", { dir: "auto" }, `Most similar to ${shown(found.title, 80)}`),
      element("thead", {}, element("tr", {}, ["rank", "item", "cosine"].map((head) => element("th", { scope: "col" }, head)))), element("tbody", {}, rows))));
    voice.say(`${found.title}: nearest is ${near[0]?.title ?? "none"}`);
    later();
  }

  // Type-ahead: what is found stands in a list of the page's own, which the keyboard and screen readers know.
  const list = element("datalist", { id: `rm-map-${Math.random().toString(36).slice(2)}` });
  let offered = [];
  const field = element("input", { type: "text", list: list.id, autocomplete: "off", oninput: type, onkeydown: enter });

  async function type() {
    const text = field.value;
    const exact = offered.find((each) => shown(each.title) === text);
    if (exact) return choose(exact.place);
    const found = await ask("find", { text }).catch(() => []);
    if (field.value !== text) return;
    offered = found;
    list.replaceChildren(...found.map((each) => element("option", { value: shown(each.title) })));
    voice.say(`${found.length} items found`);
  }

  async function enter(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const found = await ask("find", { text: field.value }).catch(() => []);
    if (found.length) choose(found[0].place);
    else voice.say("No item found");
  }

  canvas.addEventListener("pointermove", hover);
  canvas.addEventListener("pointerleave", () => { over = null; tip.hidden = true; later(); });
  canvas.addEventListener("click", (event) => { const at = under(event); if (at !== null) choose(at); });
  const legend = element("ul", { class: "rm-legend", "aria-label": `Colours: ${state.color}` }, state.names.map(({ name, count: times }, group) => {
    if (!times) return null;
    const shapes = [`M2 7a5 5 0 1 0 10 0a5 5 0 1 0 -10 0Z`, `M2 2h10v10h-10Z`, `M7 1l6 11h-12Z`, `M7 0l7 7l-7 7l-7 -7Z`];
    return element("li", {}, element("svg:svg", { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": "true" }, element("svg:path", { d: shapes[group % 4], fill: state.colours[group % state.colours.length] })), `${shown(name, 40)} (${times.toLocaleString("en")})`);
  }));
  el.append(element("div", { class: "rm-view rm-map" },
    element("div", { class: "rm-row" }, element("label", {}, "Find an item ", field), list),
    element("div", { class: "rm-stage" }, element("div", { class: "rm-plane" }, canvas, tip, legend), side),
    element("p", { class: "rm-note" }, state.about), voice));
  side.append(element("p", { class: "rm-note" }, "Point at an item for its title; click it, or find it by its title, for what is most like it."));
  const sized = new ResizeObserver(later);
  sized.observe(canvas);
  signal?.addEventListener("abort", () => sized.disconnect());
}

export default { render };
