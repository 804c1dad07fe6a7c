"use strict";
// Called by the widget front end when it has loaded; this page shows its content before that.
window.voila_finish = function () {};
window.voila_process = function () {};
window.voila_heartbeat = function () {};
window.display_cells = function () {};
window.update_loading_text = function () {};

(function () {
  const patience = 45000;
  let announced = "";

  function arrive() {
    const drawing = document.getElementById("drawing");
    if (drawing && document.querySelector("main h1")) drawing.remove();
    const shown = document.querySelector(".evalkit-shown .view");
    if (!shown) return;
    for (const early of document.querySelectorAll(".before-controls")) early.remove();
    const name = shown.querySelector(".view-name").textContent;
    const link = shown.querySelector(".this-view");
    if (announced && link.href !== announced) {
      document.getElementById("announce").textContent = name + " is shown.";
      window.history.replaceState(null, "", link.getAttribute("href"));
    }
    announced = link.href;
    document.documentElement.dataset.controls = "ready";
    document.getElementById("controls-late").hidden = true;
  }

  function late() {
    const expected = document.getElementById("controls");
    if (expected && !document.querySelector(".evalkit-shown .view")) {
      document.getElementById("controls-late").hidden = false;
    }
  }

  // A page without controls needs its kernel no longer once it is drawn.
  function finish() {
    const end = document.getElementById("report-end");
    const held = document.getElementById("jupyter-config-data");
    const token = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/);
    if (!end || !held || !token || document.querySelector(".controls-card")) return;
    const page = JSON.parse(held.textContent);
    fetch(page.baseUrl + "voila/api/shutdown/" + page.kernelId, {
      method: "POST",
      headers: { "X-XSRFToken": decodeURIComponent(token[1]) },
    });
  }

  document.addEventListener("DOMContentLoaded", finish);
  new MutationObserver(arrive).observe(document, { childList: true, subtree: true });
  window.setTimeout(late, patience);
})();
