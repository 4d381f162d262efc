// What a refresh must leave as the person has it: opened drawers and dialogs, ticked boxes of a selection, what is being typed.

// `ignoreActiveValue` leaves all that is inside the focused element: "Stop…" would keep its word and delete the job.
function becomesAnother(old, next) {
  return old === document.activeElement && old.matches("a, button") && old.textContent.trim() !== next.textContent.trim();
}

Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.matches("details, dialog"));
Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, next) => {
  if (!(old instanceof Element)) return true;
  if (becomesAnother(old, next)) old.blur();
  return !old.matches("[data-keep]");
};
Idiomorph.defaults.ignoreActiveValue = true;
