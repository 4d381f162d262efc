// Ideas under the field for prompts: each press adds its line, a second press takes it away again.

const field = () => document.querySelector("form[data-order] textarea[name='prompts']");
const lines = () => field().value.split("\n").map((line) => line.trim()).filter(Boolean);

function prompt(button) {
  const { start } = button.parentElement.dataset;
  return start ? `${start}, ${button.dataset.idea}` : button.dataset.idea;
}

function show() {
  if (!field()) return;
  const typed = new Set(lines());
  for (const button of document.querySelectorAll("[data-idea]")) {
    button.setAttribute("aria-pressed", String(typed.has(prompt(button))));
  }
}

// The beginning alone, as the form suggests it, is no picture somebody asked for: the first idea takes its place.
function toggle(button) {
  const { start } = button.parentElement.dataset, line = prompt(button), typed = lines();
  const others = typed.filter((one) => one !== line && one !== start);
  const next = typed.includes(line) ? others : [...others, line];
  field().value = next.length || !start ? next.join("\n") : start;
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-idea]");
  if (button) toggle(button);
});
document.addEventListener("input", show);
document.addEventListener("htmx:afterSettle", show);
show();
