// Which jobs of the list are ticked: by range with shift, all that are shown, and how many that is.

let last = null;

const ticks = () => [...document.querySelectorAll("#job-cards .job-tick")];

function show() {
  const bar = document.getElementById("selected-jobs");
  if (!bar) return;
  const all = ticks();
  const count = all.filter((tick) => tick.checked).length;
  bar.querySelector("[data-count]").textContent = `${count} of ${all.length} selected`;
  bar.querySelector("[data-select-all]").hidden = count === all.length;
}

/** The ticks from *one* to *other* in *all*, in whichever order they stand. */
export function between(all, one, other) {
  const [from, until] = [all.indexOf(one), all.indexOf(other)].sort((a, b) => a - b);
  return from < 0 ? [] : all.slice(from, until + 1);
}

document.addEventListener("click", ({ target, shiftKey }) => {
  if (target.matches?.(".job-tick")) {
    if (shiftKey && last?.isConnected) for (const tick of between(ticks(), last, target)) tick.checked = target.checked;
    last = target;
  }
  if (target.closest("[data-select-all]")) for (const tick of ticks()) tick.checked = true;
  show();
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (event.key !== "a" || !(event.ctrlKey || event.metaKey) || isTyping || !ticks().some((tick) => tick.checked)) return;
  event.preventDefault();
  for (const tick of ticks()) tick.checked = true;
  show();
});
document.addEventListener("reset", () => setTimeout(show));
document.addEventListener("htmx:afterSettle", show);
