// Stars answer at once; when the server could not take one, it goes back to what it was.

const buttons = (id) => document.querySelectorAll(`[data-star="${CSS.escape(id)}"]`);

function show(id, starred) {
  for (const button of buttons(id)) {
    button.setAttribute("aria-pressed", String(starred));
    button.value = starred ? "0" : "1";
  }
  document.dispatchEvent(new CustomEvent("picture-starred", { detail: { id, starred } }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-star]");
  if (!button) return;
  event.preventDefault();
  const starred = button.value === "1";
  const answered = ({ detail }) => { if (!detail.successful) show(button.dataset.star, !starred); };
  button.addEventListener("htmx:afterRequest", answered, { once: true });
  // That it could not be sent is said by htmx-errors.js.
  const values = { starred: starred ? "1" : "0" };
  htmx.ajax("POST", button.formAction, { source: button, swap: "none", values }).catch(() => {});
  show(button.dataset.star, starred);
});
