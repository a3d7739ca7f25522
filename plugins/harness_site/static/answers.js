// A long answer is shown part by part; and n and p lead to the next and the previous sample.
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-more]");
  if (!button) return;
  button.disabled = true;
  const answer = await fetch(`${button.dataset.more}?from=${button.dataset.from}`);
  const text = await answer.text();
  button.closest("article").querySelector("pre").append(text);
  button.dataset.from = String(Number(button.dataset.from) + Number(answer.headers.get("X-Characters-Sent")));
  button.disabled = false;
  if (answer.headers.get("X-Characters-Left") === "0") button.remove();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  const way = { n: "next", p: "prev" }[event.key];
  document.querySelector(`a[rel="${way}"]`)?.click();
});
