// Suggestions under a caption: pressing one adds it, and the caption is saved as if somebody had typed it.

for (const suggestions of document.querySelectorAll("[data-suggestions]")) suggestions.hidden = false;

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-add]");
  if (!chip) return;
  const text = chip.closest("form").querySelector("textarea");
  const said = text.value.trim().replace(/,$/, "");
  text.value = said ? `${said}, ${chip.dataset.add}` : chip.dataset.add;
  const next = chip.nextElementSibling ?? chip.previousElementSibling ?? text;
  chip.remove();
  next.focus();
  text.dispatchEvent(new Event("change", { bubbles: true }));
});

// A caption is one line: Enter goes on to the next photo's.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches(".captions textarea")) return;
  event.preventDefault();
  const texts = [...document.querySelectorAll(".captions textarea")];
  (texts[texts.indexOf(event.target) + 1] ?? event.target).focus();
});
