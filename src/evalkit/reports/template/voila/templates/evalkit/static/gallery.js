"use strict";
// Shows the studies that the reader asks for as soon as they are asked for, by the rules of
// evalkit/reports/gallery.py; the form does the same without scripts.
(function () {
  const form = document.querySelector("form[role=search]");
  if (!form) return;
  const fields = ["search", "plan", "checks"].map((name) => document.getElementById("gallery-" + name));
  const cards = Array.from(document.querySelectorAll(".gallery > li"));
  const found = document.getElementById("found");
  const noun = found.textContent.split(" ").slice(2).join(" ");

  function show() {
    const [search, plan, checks] = fields.map((field) => field.value);
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    let number = 0;
    for (const card of cards) {
      const searched = card.querySelector(".searched");
      const text = searched ? searched.textContent.toLowerCase() : "";
      card.hidden = Boolean(searched) && !(
        (!plan || card.dataset.plan === plan) && (!checks || card.dataset.checks === checks)
        && words.every((word) => text.includes(word)));
      number += card.hidden ? 0 : 1;
    }
    found.textContent = number + " of " + noun;
    const asked = new URLSearchParams();
    for (const field of fields) if (field.value) asked.set(field.name, field.value);
    window.history.replaceState(null, "", "./" + (String(asked) ? "?" + asked : ""));
  }

  for (const field of fields) field.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("button").hidden = true;
  document.documentElement.dataset.controls = "ready";
})();
