// Runs before the first paint: puts the chosen colours (auto, light or dark) on the page. Not a module, so that nothing flashes.

(() => {
  const chosen = () => {
    try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; }
  };

  function show(theme) {
    document.documentElement.dataset.theme = theme;
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
      meta.dataset.media ??= meta.media;
      const own = meta.dataset.media.includes("dark") ? "dark" : "light";
      meta.media = theme === "auto" ? meta.dataset.media : own === theme ? "all" : "not all";
    }
  }

  function press() {
    for (const group of document.querySelectorAll(".theme")) group.hidden = false;
    for (const button of document.querySelectorAll("[data-theme-choice]"))
      button.setAttribute("aria-pressed", button.dataset.themeChoice === chosen());
  }

  show(chosen());
  document.addEventListener("DOMContentLoaded", press);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try { localStorage.setItem("theme", button.dataset.themeChoice); } catch { /* private mode: for this page only */ }
    show(button.dataset.themeChoice);
    press();
  });
  addEventListener("storage", (event) => { if (event.key === "theme") { show(chosen()); press(); } });
})();
