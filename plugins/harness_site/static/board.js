// The board: DataTables sorts and searches; the filters, and an address that leads to what is seen, are added here.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table[data-board]")) begin(table);
});

function begin(table) {
  const form = document.querySelector(`form[data-for="${table.id}"]`);
  const output = form.querySelector("output");
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.name);
  const board = new DataTable(table, {
    paging: false, info: false, autoWidth: false, layout: { topEnd: null }, order: [],
    columnDefs: [{ targets: "_all", orderSequence: ["asc", "desc"] }],
  });
  const selects = [...form.querySelectorAll("select")];

  function filter() {
    board.search(form.elements.q.value);
    for (const select of selects) {
      const wanted = select.value;
      board.column(Number(select.dataset.column)).search.fixed("filter", wanted ? (_text, _row, index) => cellText(index, select) === wanted : null);
    }
    board.draw();
    const shown = board.rows({ search: "applied" }).count();
    output.textContent = `${shown} of ${board.rows().count()} lines`;
  }

  function cellText(index, select) {
    return board.row(index).node().cells[Number(select.dataset.column)].textContent.trim();
  }

  // What is seen, as an address: #task=gsm8k&k=1&q=llama&sort=D_spec:asc
  function write() {
    const state = new URLSearchParams();
    for (const field of [form.elements.q, ...selects]) if (field.value) state.set(field.name, field.value);
    const [order] = board.order();
    if (order && order[1]) state.set("sort", `${names[order[0]]}:${order[1]}`);
    history.replaceState(null, "", state.size ? `#${state}` : location.pathname + location.search);
  }

  function read() {
    const state = new URLSearchParams(location.hash.slice(1));
    form.elements.q.value = state.get("q") ?? "";
    for (const select of selects) {
      const value = state.get(select.name) ?? "";
      select.value = [...select.options].some((option) => option.value === value) ? value : "";
    }
    const [name, direction] = (state.get("sort") ?? "").split(":");
    const place = names.indexOf(name);
    board.order(place < 0 ? [] : [[place, direction === "desc" ? "desc" : "asc"]]);
    filter();
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { filter(); write(); });
  board.on("order", write);
  window.addEventListener("hashchange", read);
  for (const link of document.querySelectorAll("a[data-keep-hash]")) {
    link.addEventListener("click", () => { link.hash = location.hash; });
  }
  read();
}
