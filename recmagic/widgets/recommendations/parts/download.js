// What is shown as a CSV file, made in the page.

function download(state) {
  const link = element("a", { href: URL.createObjectURL(new Blob([csv(state)], { type: "text/csv" })), download: "recommendations.csv" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function csv(state) {
  const marked = state.lists.some((list) => list.rows.some((row) => row.hit)) || state.question.as_of;
  const head = ["model", "user_id", "rank", "item_id", state.label, ...state.question.columns, "score", ...(marked ? ["hit"] : [])];
  const lines = state.lists.flatMap((list) => list.rows.map((row) =>
    [list.model, state.who, row.rank, row.id, row.name, ...row.facts, row.score, ...(marked ? [row.hit] : [])]));
  return [head, ...lines].map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
}

// A spreadsheet runs a text that starts like a formula: an apostrophe before it keeps it a text.
function csvCell(value) {
  if (value == null) return "";
  if (typeof value === "number") return String(value);
  const text = String(value);
  const safe = /^[\s\u0000]*[=+\-@]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
