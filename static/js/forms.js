// A form is sent once; after a mistake the first wrong field has the focus.

const buttons = (form) => [...form.elements].filter((element) => element.type === "submit");

function rest(form, submitter) {
  for (const button of buttons(form)) {
    if (button.disabled) continue;
    button.disabled = true;
    button.dataset.rests = "";
  }
  (submitter ?? buttons(form)[0])?.setAttribute("aria-busy", "true");
}

function wake(root) {
  for (const button of root.querySelectorAll("[data-rests]")) {
    button.disabled = false;
    delete button.dataset.rests;
    button.removeAttribute("aria-busy");
  }
}

function focusFirstWrong(root) {
  root.querySelector("[aria-invalid='true']:not([type='hidden']), [data-wrong] :is(input, select, textarea)")?.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "often" in form.dataset) return;
  // After the browser has read the form: a button disabled earlier would not be sent.
  setTimeout(() => { if (!event.defaultPrevented) rest(form, event.submitter); });
});
document.addEventListener("htmx:beforeRequest", ({ detail: { elt, requestConfig } }) => {
  if (elt.matches("form:not([data-often])")) rest(elt, requestConfig.triggeringEvent?.submitter);
});
document.addEventListener("htmx:afterRequest", ({ detail: { elt } }) => { if (elt.matches("form")) wake(elt); });
document.addEventListener("htmx:afterSettle", ({ target }) => { if (target.querySelector("[data-wrong]")) focusFirstWrong(target); });
// Back from the browser's memory, a page must not stay asleep.
addEventListener("pageshow", () => wake(document));
focusFirstWrong(document);
