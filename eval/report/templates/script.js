"use strict";
// Sorting, folding and filtering; without it every row and every mistake is shown.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], most = Number(table.dataset.fold || Infinity);
  const fold = () => [...body.rows].forEach((row, at) => row.classList.toggle("more", at >= most));
  const key = (row, at) => {
    const cell = row.cells[at], number = cell.dataset.v;
    return number === undefined ? cell.firstChild.textContent.trim() : Number(number);
  };
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    if (head.tagName !== "TH") return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const falling = head.getAttribute("aria-sort") ? head.ariaSort === "ascending" : head.classList.contains("n");
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const rows = [...body.rows].map((row) => [key(row, at), row]);
      rows.sort(([a], [b]) => (typeof a === "number" ? a - b : a.localeCompare(b)) * (falling ? -1 : 1));
      body.append(...rows.map(([, row]) => row));
      fold();
    });
  });
  if (body.rows.length > most + 3) {
    fold();
    table.classList.add("folded");
    const button = document.createElement("button");
    const say = () => (button.textContent = table.classList.contains("folded") ? `Show all ${body.rows.length}` : `Show ${most}`);
    button.type = "button";
    button.className = "unfold";
    button.addEventListener("click", () => { table.classList.toggle("folded"); say(); });
    say();
    table.parentNode.after(button);
  }
}
const form = document.querySelector(".filters");
if (form) {
  const items = [...document.querySelectorAll(".mistakes > li")];
  const show = () => {
    const wanted = [...form.querySelectorAll("[data-by]")].filter((one) => one.value);
    const fits = (item, one) => one.dataset.by === "text"
      ? item.textContent.toLowerCase().includes(one.value.toLowerCase())
      : item.dataset[one.dataset.by] === one.value;
    for (const item of items) item.hidden = !wanted.every((one) => fits(item, one));
    form.querySelector("output").textContent = `${items.filter((one) => !one.hidden).length} of ${items.length} shown`;
  };
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  show();
}
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
