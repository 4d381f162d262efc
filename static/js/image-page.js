// Arrow keys on a picture's own page go where its links go.

const KEYS = {
  ArrowLeft: "[rel=prev]",
  ArrowRight: "[rel=next]",
  s: "[data-star]",
  d: "[data-download-one]",
  c: "[data-copy]",
  u: "[data-use-settings]",
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, dialog");
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping || !KEYS[event.key]) return;
  document.querySelector(`main ${KEYS[event.key]}`)?.click();
});
