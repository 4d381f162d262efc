// What a refresh must leave as the person has it: opened drawers and dialogs, ticked boxes of a selection, what is being
// typed, and what was typed or chosen after its question was sent.
const newer = new WeakMap();

const newerIn = (form) => newer.get(form) ?? newer.set(form, new Set()).get(form);

document.addEventListener("input", ({ target }) => { if (target.form) newerIn(target.form).add(target); });
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  const form = target.closest("form");
  if (form) newerIn(form).clear();
});

// `ignoreActiveValue` leaves all that is inside the focused element: "Stop…" would keep its word and delete the job.
function becomesAnother(old, next) {
  return old === document.activeElement && old.matches("a, button") && old.textContent.trim() !== next.textContent.trim();
}

Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.matches("details, dialog"));
Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, next) => {
  if (!(old instanceof Element)) return true;
  if (becomesAnother(old, next)) old.blur();
  return !old.matches("[data-keep]") && !newer.get(old.form)?.has(old);
};
Idiomorph.defaults.ignoreActiveValue = true;
