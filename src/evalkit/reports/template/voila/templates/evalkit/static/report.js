"use strict";
// Answers to what a reader chooses, by the rules of evalkit/reports, which write the same view for
// the same address. No number is made here. tests/exports and tests/browser hold the two equal.
(function () {
  const NAMES = ["facet", "organisation", "view", "period", "figures", "part", "group", "time", "form", "since"];
  // The address may ask for a view; only what the page holds is taken from it.
  const asked = new URLSearchParams(window.location.search);
  const state = {};

  function address() {
    const named = new URLSearchParams();
    const study = document.getElementById("content").querySelector("[data-study]");
    if (study) named.set("study", study.dataset.study);
    for (const name of NAMES) if (state[name]) named.set(name, state[name]);
    return "?" + named;
  }

  function keepAddress() {
    for (const link of document.querySelectorAll(".this-view, .this-choice")) link.setAttribute("href", address());
    for (const link of document.querySelectorAll(".one-page")) link.setAttribute("href", "organisation" + address());
    try {
      window.history.replaceState(null, "", address());
    } catch (fault) {
      // A page opened out of an e-mail may not change its address; the link under the view stays.
    }
  }

  // Fills the views that Python wrote for one organisation with the values of another, and draws
  // its lines by the rules of evalkit/reports/charts.py.
  function organisations() {
    const held = document.getElementById("organisations-data");
    if (!held) return;
    const form = document.querySelector("#choices form");
    const place = document.getElementById("view");
    const fields = { organisation: "plain-organisation", facet: "plain-facet", period: "plain-period", view: "plain-view" };
    const data = JSON.parse(held.textContent);
    for (const name of Object.keys(fields)) fields[name] = document.getElementById(fields[name]);
    const search = document.getElementById("plain-search");
    const listed = Array.from(fields.organisation.options);

    function number(text) {
      const plain = text.replace(/\u2212/g, "-").replace(/,/g, "");
      return /^-?[0-9.]+(e[-+]?\d+)?$/.test(plain) ? Number(plain) : null;
    }

    function fixed(value) { return value.toFixed(1); }

    function places(text) { return (text.split(".")[1] || "").length; }

    // All three at the precision of the one that is released most finely, as the served page has it.
    function interval(row) {
      if (number(row[1]) === null) return row[1];
      const most = Math.max(...row.slice(1, 4).map(places));
      const alike = row.slice(1, 4).map((text) => {
        const missing = number(text) === null ? 0 : most - places(text);
        return missing ? text + (places(text) ? "" : ".") + "0".repeat(missing) : text;
      });
      return alike[0] + " (" + alike[1] + " to " + alike[2] + ")";
    }

    function align(rows, column) {
      const values = data.periods.map(() => null);
      for (const row of rows) values[row[0]] = number(row[column]);
      return values;
    }

    // Every organisation's values over time, read once for each measure.
    function linesOf(measure) {
      if (!measure.lines) {
        measure.lines = new Map(Object.keys(measure.rows).map((unit) => [unit, align(measure.rows[unit], 1)]));
      }
      return measure.lines;
    }

    function ticksFor(low, high, most) {
      if (high <= low) { low -= 0.5; high += 0.5; }
      const power = Math.pow(10, Math.floor(Math.log10((high - low) / (most - 1))));
      for (const times of [1, 2, 2.5, 5, 10, 20]) {
        const step = times * power;
        const first = Math.floor(low / step + 1e-9);
        const last = Math.ceil(high / step - 1e-9);
        if (last - first < most) {
          return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(10)));
        }
      }
      return [low, high];
    }

    function decimalsOf(ticks) {
      for (let decimals = 0; decimals < 6; decimals += 1) {
        if (ticks.every((tick) => Math.abs(Number(tick.toFixed(decimals)) - tick) < 1e-9)) return decimals;
      }
      return 6;
    }

    function add(svg, tag, attributes, words) {
      const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const name of Object.keys(attributes)) made.setAttribute(name, attributes[name]);
      if (words !== undefined) made.textContent = words;
      svg.appendChild(made);
    }

    function stroke(svg, x1, y1, x2, y2, kind) {
      add(svg, "line", { x1: fixed(x1), y1: fixed(y1), x2: fixed(x2), y2: fixed(y2), class: kind });
    }

    function write(svg, x, y, words, kind, anchor) {
      add(svg, "text", { x: fixed(x), y: fixed(y), class: kind, "text-anchor": anchor }, words);
    }

    function pathOf(values, x, y) {
      let down = false, written = "";
      values.forEach((value, index) => {
        if (value === null) { down = false; return; }
        written += (down ? "L" : "M") + fixed(x(index)) + " " + fixed(y(value));
        down = true;
      });
      return written;
    }

    // Every organisation's line as drawn, kept for as long as the scale stays the same.
    function pathsOf(measure, scale, x, y) {
      measure.paths = measure.paths || {};
      if (!measure.paths[scale]) {
        measure.paths[scale] = Array.from(linesOf(measure), (line) => [line[0], pathOf(line[1], x, y)]);
      }
      return measure.paths[scale];
    }

    function draw(svg, measure, unit, axis, period) {
      const narrow = svg.classList.contains("narrow");
      const [width, left, right, top, bottom] = narrow ? [260, 34, 258, 34, 270] : [860, 46, 856, 36, 370];
      const rows = measure.rows[unit];
      const chosen = rows && [1, 2, 3].map((column) => align(rows, column));
      const reference = measure.reference && measure.reference.map(number);
      const others = Array.from(linesOf(measure)).filter((line) => line[0] !== unit).map((line) => line[1]);
      const values = [...(chosen || []), ...(reference ? [reference] : []), ...others].flat().filter((v) => v !== null);
      const ticks = values.length ? ticksFor(Math.min(...values), Math.max(...values), 6) : ticksFor(0, 1, 6);
      const scale = (low, high, start, end) => (value) => start + ((value - low) / (high - low)) * (end - start);
      const y = scale(ticks[0], ticks[ticks.length - 1], bottom, top);
      const x = scale(0, Math.max(data.periods.length - 1, 1), left + 12, right - 12);
      const decimals = decimalsOf(ticks);
      write(svg, 0, 18, axis, "axis", "start");
      for (const tick of ticks) {
        stroke(svg, left, y(tick), right, y(tick), "grid");
        write(svg, left - 8, y(tick) + 5, tick.toFixed(decimals), "tick", "end");
      }
      const every = Math.ceil(data.periods.length / (narrow ? 3 : 8));
      for (let index = 0; index < data.periods.length; index += every) {
        const words = data.periods[index];
        write(svg, Math.min(x(index), width - 4.2 * words.length), bottom + 24, words, "tick", "middle");
      }
      data.periods.forEach((name, i) => {
        add(svg, "path", { class: name === period ? "guide on" : "guide", d: "M" + fixed(x(i)) + " " + top + "V" + bottom });
      });
      const paths = pathsOf(measure, [narrow, ticks[0], ticks[ticks.length - 1]].join(" "), x, y);
      add(svg, "path", { class: "others", d: paths.filter((path) => path[0] !== unit).map((path) => path[1]).join("") });
      if (reference) add(svg, "path", { class: "reference", d: pathOf(reference, x, y) });
      if (!chosen) return;
      data.periods.forEach((_, i) => {
        if (chosen[1][i] !== null && chosen[2][i] !== null) {
          stroke(svg, x(i), y(chosen[1][i]), x(i), y(chosen[2][i]), "interval accent thin");
        }
      });
      add(svg, "path", { class: "chosen", d: pathOf(chosen[0], x, y) });
      chosen[0].forEach((value, i) => {
        if (value !== null) add(svg, "circle", { cx: fixed(x(i)), cy: fixed(y(value)), r: "4.5", class: "accent" });
      });
    }

    function tell(latest, row, specimen) {
      latest.firstChild.data = data.periods[row[0]] + ": ";
      latest.querySelector("strong").textContent = interval(row);
      latest.lastChild.data = latest.lastChild.data.replace(specimen[4], row[4]);
    }

    function fill(view, measure, unit, form, period) {
      const rows = measure.rows[unit].filter((row) => !period || data.periods[row[0]] === period);
      const told = data.names[unit] + ": " + measure.label;
      const latest = view.querySelector(".latest");
      const specimen = measure.rows[measure.specimen];
      const last = rows[rows.length - 1];
      for (const note of view.querySelectorAll("p.note")) note.remove();
      if (!last) latest.textContent = data.nothing;
      else tell(latest, last, specimen[specimen.length - 1]);
      const cells = rows.flatMap((row) => (form === "table" ? row.slice(1) : [row[1], row[4]]));
      const marks = (cells.includes("[c]") ? "c" : "") + (cells.includes("[x]") ? "x" : "");
      const body = view.querySelector("figure, .table-scroll");
      if (marks) body.insertAdjacentHTML("afterend", data.marks[marks]);
      if (form === "chart") {
        for (const words of view.querySelectorAll("svg.chart > desc")) {
          words.textContent = measure.rows[unit].map((row) => data.periods[row[0]] + ": " + interval(row)).join("; ");
        }
        return;
      }
      const region = view.querySelector(".table-scroll");
      region.setAttribute("aria-label", region.getAttribute("aria-label").split(": ")[0] + ": " + told);
      view.querySelector("caption").textContent = told;
      const table = view.querySelector("tbody");
      const pattern = table.rows[0];
      table.replaceChildren(...rows.map((row) => {
        const line = pattern.cloneNode(true);
        [data.periods[row[0]], ...row.slice(1)].forEach((words, i) => { line.cells[i].textContent = words; });
        return line;
      }));
    }

    function render(chosen) {
      const measure = data.measures[chosen.facet];
      const one = Object.hasOwn(measure.rows, chosen.organisation);
      const holder = document.createElement("div");
      holder.innerHTML = measure.views[one ? "one" : "all"][chosen.view];
      const name = chosen.organisation ? data.names[chosen.organisation] : listed[0].text;
      holder.querySelector(".view-name").textContent = name + ": " + measure.label;
      if (one) fill(holder, measure, chosen.organisation, chosen.view, chosen.period);
      else if (chosen.period) {
        for (const line of holder.querySelectorAll("tbody tr")) {
          if (line.cells[0].textContent !== chosen.period) line.remove();
        }
      }
      const wide = window.matchMedia("(min-width: 641px)").matches;
      for (const svg of holder.querySelectorAll("svg.chart")) {
        const now = () => draw(svg, measure, chosen.organisation, measure.axis, chosen.period);
        if (svg.classList.contains("wide") === wide) now();
        else window.setTimeout(now); // the size that this screen does not show, for paper and turning
      }
      Object.assign(state, chosen);
      holder.querySelector(".this-view").setAttribute("href", address());
      return holder.firstChild;
    }

    function chosenNow() {
      return { organisation: fields.organisation.value, facet: fields.facet.value, period: fields.period.value, view: fields.view.value };
    }

    function redraw() {
      const shown = render(chosenNow());
      place.replaceChildren(shown);
      document.getElementById("announce").textContent = shown.querySelector(".view-name").textContent + " is shown.";
      keepAddress();
    }

    function narrow() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kept = fields.organisation.value;
      const matches = (option) => words.every((word) => option.text.toLowerCase().includes(word));
      const found = listed.slice(1).filter(matches);
      fields.organisation.replaceChildren(...listed.filter((o) => o === listed[0] || o.value === kept || found.includes(o)));
      fields.organisation.value = kept;
      count(found.length, words.length > 0);
    }

    function count(found, searched) {
      const noun = found === 1 ? " organisation matches" : " organisations match";
      document.getElementById("matches").textContent = searched
        ? found + noun + ". Choose from the list."
        : found + " organisations to choose from.";
    }

    let changed = false;
    for (const name of Object.keys(fields)) {
      const options = Array.from(fields[name].options);
      const wanted = asked.get(name);
      if (wanted !== fields[name].value && options.some((option) => option.value === wanted)) {
        fields[name].value = wanted;
        changed = true;
      }
      fields[name].addEventListener("change", redraw);
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    search.addEventListener("input", narrow);
    count(listed.length - 1, false);
    form.querySelector("button").hidden = true;
    for (const id of ["search", "choices"]) document.getElementById(id).hidden = false;
    Object.assign(state, chosenNow());
    if (changed) redraw();
  }

  // Hides the rows that are not chosen, and greys their marks: evalkit/reports/choose.py.
  function figures() {
    const place = document.getElementById("choosing");
    if (!place) return;
    const form = place.querySelector("form");
    const chosen = document.getElementById("chosen");
    const which = document.getElementById("choose-figures");
    const shape = document.getElementById("choose-form");
    const keyOf = (field) => field.options[field.selectedIndex].dataset.key || "";
    const isOf = (node) => node.dataset.figures === keyOf(which);

    function show() {
      for (const group of form.querySelectorAll(".fields")) {
        group.hidden = !isOf(group);
        for (const field of group.querySelectorAll("select")) field.disabled = group.hidden;
      }
      for (const panel of chosen.children) panel.hidden = !isOf(panel);
      choose(Array.from(chosen.children).find(isOf));
    }

    function fieldsNow() {
      return Array.from(form.querySelectorAll(".fields")).find(isOf).querySelectorAll("select");
    }

    function choose(panel) {
      const wanted = Array.from(fieldsNow(), (field) => [field.name, keyOf(field)]).filter((pair) => pair[1]);
      const fits = (node, pairs) => pairs.every(([name, key]) => node.dataset[name] === key);
      let rows = [];
      for (const row of panel.querySelectorAll("tbody tr")) {
        row.hidden = !fits(row, wanted);
        if (!row.hidden) rows.push(row);
      }
      for (const chart of panel.querySelectorAll(".one-chart")) {
        chart.hidden = Boolean(chart.dataset.part) && !fits(chart, wanted.filter(([name]) => name === "part"));
      }
      for (const mark of panel.querySelectorAll("svg.chart .pick")) {
        const own = wanted.filter(([name]) => name in mark.dataset);
        mark.classList.toggle("on", own.length > 0 && fits(mark, own));
        mark.classList.toggle("off", own.length > 0 && !fits(mark, own));
      }
      for (const guide of panel.querySelectorAll("svg.chart .guide")) {
        guide.classList.toggle("on", wanted.some(([name, key]) => name === "time" && key === guide.dataset.time));
      }
      const told = panel.querySelector(".told");
      told.hidden = rows.length !== 1;
      told.firstChild.textContent = told.hidden ? "" : rows[0].dataset.said;
      panel.querySelector(".none-there").hidden = rows.length > 0;
      const chart = panel.querySelector(".as-chart");
      const table = !chart || shape.value === "table";
      if (chart) chart.hidden = table;
      panel.querySelector(".as-table").hidden = !table;
    }

    function remember() {
      for (const name of ["part", "group", "time"]) delete state[name];
      state.figures = which.value;
      state.form = shape.value;
      for (const field of fieldsNow()) state[field.name] = field.value;
    }

    function redraw() {
      show();
      remember();
      keepAddress();
      document.getElementById("announce").textContent = which.options[which.selectedIndex].text + " is shown.";
    }

    function take(field) {
      const wanted = asked.get(field.name);
      if (!wanted || !Array.from(field.options).some((option) => option.value === wanted)) return;
      field.value = wanted;
      state[field.name] = wanted;
    }

    place.hidden = false;
    form.querySelector("button").hidden = true;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", redraw);
    take(which);
    take(shape);
    fieldsNow().forEach(take);
    show();
  }

  // Shows what changed since the version that a reader saw: evalkit/reports/changed.py.
  function changes() {
    const field = document.getElementById("since");
    if (!field) return;
    const told = Array.from(document.querySelectorAll("[data-since]"));

    function show() {
      const key = field.options[field.selectedIndex].dataset.key || "";
      for (const one of told) one.hidden = one.dataset.since !== key;
    }

    function redraw() {
      show();
      state.since = field.value;
      keepAddress();
      document.getElementById("announce").textContent = field.options[field.selectedIndex].text + " is chosen.";
    }

    const wanted = asked.get("since");
    if (wanted && Array.from(field.options).some((option) => option.value === wanted)) {
      field.value = wanted;
      state.since = wanted;
    }
    field.form.hidden = false;
    field.form.querySelector("button").hidden = true;
    field.form.addEventListener("submit", (event) => event.preventDefault());
    field.addEventListener("change", redraw);
    show();
  }

  organisations();
  figures();
  changes();
  document.documentElement.dataset.controls = "ready";
})();
