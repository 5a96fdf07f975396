// The training view. Everything it draws is in the traits `state`, `curve` and `stopping`, so a reload draws it again.

const HINT = "To stop: press the stop button of the toolbar, or I I. What is learnt is kept.";
const WORKS = "Ends the run after its current stretch and keeps what is learnt, as the toolbar's stop does.";
const STOPPING = "A stop was asked for: the run ends after its current stretch, and keeps what it has learnt. Press the toolbar's stop once more to insist.";
const LINES = [["var(--rm-brand)", "none"], ["var(--jp-warn-color1, #c2410c)", "6 3"], ["var(--rm-good)", "2 3"], ["var(--rm-ink)", "8 3 2 3"]];
const WIDTH = 416, HEIGHT = 200, LEFT = 74, RIGHT = 92, TOP = 30, BOTTOM = 36;

// A bar with its name before it and its value behind it; `set` changes all of it.
function bar() {
  const fill = element("div", { class: "rm-fill" });
  const track = element("div", { class: "rm-bar", role: "progressbar", "aria-valuemin": 0 }, fill);
  const [name, text] = [element("span"), element("span")];
  const set = (called, value, total, told) => {
    name.textContent = called;
    track.setAttribute("aria-label", called);
    track.setAttribute("aria-valuemax", total);
    track.setAttribute("aria-valuenow", value);
    track.setAttribute("aria-valuetext", told);
    fill.style.width = `${(100 * value) / Math.max(total, 1)}%`;
    text.textContent = told;
  };
  return { parts: [name, track, text], set };
}

function duration(seconds) {
  if (seconds < 1) return "less than 1 s";
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function count(number) {
  for (const [unit, size] of [["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
    if (number >= size) return `${Number((number / size).toPrecision(3))} ${unit}`;
  }
  return String(Number(number.toPrecision(3)));
}

// Two or more round numbers between low and high.
function ticks(low, high) {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const found = [];
  for (let number = Math.ceil(low / step); number * step <= high; number++) found.push(number * step);
  return found;
}

// A line chart of series over epochs (or rounds, by their unit), with a mark at the best one. Its words say what it shows.
function chart(title, epochs, series, best, unit) {
  const values = Object.values(series).flat().filter((value) => value != null);
  if (values.length === 0) return null;
  let low = Math.min(...values), high = Math.max(...values);
  const margin = 0.05 * (high - low) || 0.05 * Math.abs(high) || 0.5;
  [low, high] = [low - margin, high + margin];
  const first = epochs[0], last = epochs[epochs.length - 1];
  const x = (epoch) => LEFT + ((epoch - first) / Math.max(last - first, 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value) => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const told = Object.entries(series).map(([name, row]) => `${name} is ${figure(row[row.length - 1])}`);
  const drawn = svg("svg", { role: "img", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT },
    svg("title", {}, `${title}: ${told.join(", ")} at ${unit} ${last}${best ? `; best at ${unit} ${best}` : ""}`));
  drawn.append(svg("text", { x: LEFT, y: 13 }, title));
  for (const value of ticks(low, high)) {
    drawn.append(svg("path", { d: `M${LEFT} ${y(value)}H${WIDTH - RIGHT}`, stroke: "var(--rm-line)", "stroke-opacity": 0.5 }));
    drawn.append(svg("text", { class: "rm-tick", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, String(Number(value.toPrecision(6)))));
  }
  drawn.append(svg("path", { d: `M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}`, stroke: "var(--rm-faint)", fill: "none" }));
  for (const epoch of first === last ? [first] : [first, last]) {
    drawn.append(svg("text", { class: "rm-tick", x: x(epoch), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, String(epoch)));
  }
  drawn.append(svg("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, unit));
  if (best != null && best >= first) {
    drawn.append(svg("path", { d: `M${x(best)} ${TOP}V${HEIGHT - BOTTOM}`, stroke: "var(--rm-ink)", "stroke-dasharray": "3 3" }));
    drawn.append(svg("text", { x: x(best), y: TOP - 3, "text-anchor": "middle" }, `best: ${best}`));
  }
  Object.entries(series).forEach(([name, row], place) => {
    const [colour, dash] = LINES[place % LINES.length];
    let path = "", pen = "M", end = null;
    row.forEach((value, at) => {
      if (value == null) return void (pen = "M");
      end = [x(epochs[at]), y(value)];
      path += `${pen}${end[0].toFixed(1)} ${end[1].toFixed(1)}`;
      pen = "L";
    });
    if (!end) return;
    drawn.append(svg("path", { d: path, fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash }));
    drawn.append(svg("circle", { cx: end[0], cy: end[1], r: 3, fill: colour }));
    drawn.append(svg("text", { x: end[0] + 7, y: end[1] + 4 }, shown(name, 14)));
  });
  return drawn;
}

// What an epoch and a step are called: of a run by clients, a round and a client.
function words(state) {
  return state.clients ? { unit: "round", steps: "client" } : { unit: "epoch", steps: "step" };
}

function figures(state) {
  const rows = [["loss", state.loss == null ? null : Number(state.loss.toPrecision(4))]];
  for (const [name, value] of Object.entries(state.metrics ?? {})) rows.push([name, figure(value)]);
  if (state.best != null) rows.push(["best", `${words(state).unit} ${state.best}`]);
  for (const [name, told] of state.told ?? []) rows.push([name, told]);
  if (state.privacy) rows.push(["privacy spent", state.privacy]);
  if (state.speed) rows.push(["speed", `${count(state.speed)} examples/s`]);
  if (state.left != null) rows.push(["time left", `about ${duration(state.left)}`]);
  if (state.compiled) rows.push(["compiled", `in ${state.compiled.toFixed(1)} s`]);
  return rows.filter(([, value]) => value != null).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, String(value))));
}

function render({ model, el, signal }) {
  const ask = asker(model, signal);
  const title = element("p", { class: "rm-title" });
  const device = element("p", { class: "rm-note" });
  const [epochs, steps] = [bar(), bar()];
  const numbers = element("dl", { class: "rm-figures" });
  const charts = element("div", { class: "rm-charts" });
  const hint = element("span", { class: "rm-note" }, HINT);
  const button = element("button", { class: "rm-stop", type: "button", hidden: true, onclick: press }, "Stop training");
  const voice = announcer();
  let said = 0;

  function press() {
    button.disabled = true;
    hint.textContent = STOPPING;
    ask("stop");
  }

  function stand() {
    const state = model.get("state");
    const phase = model.get("stopping") && !state.over ? "stopping …" : state.phase;
    title.textContent = shown(`${state.model ? `Training ${state.model}: ` : ""}${phase ?? ""}`);
    device.textContent = shown(state.device ?? "");
    const { unit, steps: step } = words(state);
    if (state.epochs) {
      epochs.set(unit === "round" ? "Rounds" : "Epochs", state.ended ?? 0, state.epochs, `${state.ended ?? 0} of ${state.epochs} done`);
      steps.set(`This ${unit}`, state.step, state.steps, `${unit} ${Math.max(state.epoch, 1)}, ${step} ${state.step} of ${state.steps}`);
    }
    numbers.replaceChildren(...figures(state));
    if (state.over) button.hidden = true;
  }

  function draw() {
    const { epoch = [], loss = [], metrics = {} } = model.get("curve");
    const { best, ended, epochs: of } = model.get("state");
    const { unit } = words(model.get("state"));
    if (epoch.length === 0) return;
    const drawn = [chart("Training loss", epoch, { loss }, best, unit), chart("Validation", epoch, metrics, best, unit)];
    charts.replaceChildren(...drawn.filter(Boolean));
    if (Date.now() - said < 5000) return; // epochs may pass faster than they can be read out
    said = Date.now();
    voice.say(`${unit === "round" ? "Round" : "Epoch"} ${ended} of ${of}${best ? `, best so far ${best}` : ""}`);
  }

  function stopped() {
    if (!model.get("stopping")) return;
    button.disabled = true;
    hint.textContent = STOPPING;
    voice.say(STOPPING);
    stand();
  }

  const heard = { "change:state": stand, "change:curve": draw, "change:stopping": stopped };
  for (const [name, act] of Object.entries(heard)) model.on(name, act);
  signal?.addEventListener("abort", () => {
    for (const [name, act] of Object.entries(heard)) model.off(name, act);
  });
  el.append(element("div", { class: "rm-view rm-training" }, title, device,
    element("div", { class: "rm-progress" }, epochs.parts, steps.parts), numbers, charts,
    element("div", { class: "rm-row" }, button, hint), voice));
  stand();
  draw();
  stopped();
  whether();

  // A button is shown only where it can work: an answer while the cell runs means that messages are heard. JupyterLab
  // opens a shell for them a moment after the view, and what was sent before waits for the cell's end: hence again.
  async function whether() {
    for (const seconds of [0, 0.5, 1, 2, 4, 8]) {
      await new Promise((go) => setTimeout(go, 1000 * seconds));
      if (!button.hidden || signal?.aborted || model.get("state").over) return;
      ask("here").then(offer, () => {});
    }
  }

  function offer(works) {
    if (!works || model.get("state").over) return;
    button.hidden = false;
    if (!model.get("stopping")) hint.textContent = WORKS;
  }
}

export default { render };
