// What a refresh must leave as the person has it: opened drawers and dialogs, ticked boxes of a selection, what is being typed.

Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.matches("details, dialog"));
Idiomorph.defaults.callbacks.beforeNodeMorphed = (old) => !(old instanceof Element && old.matches("[data-keep]"));
Idiomorph.defaults.ignoreActiveValue = true;
