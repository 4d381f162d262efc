// A dot on the favicon while anything on the page carries data-needs-you.

const icon = document.querySelector('link[rel="icon"][data-calling]');

function refresh() {
  const wanted = document.querySelector("[data-needs-you]") ? icon.dataset.calling : icon.dataset.quiet;
  if (icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
}

if (icon) {
  refresh();
  document.addEventListener("htmx:afterSettle", refresh);
}
