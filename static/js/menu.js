// Menus are popovers: this puts an open one beside the button that opened it, and moves through it with the arrow keys.

const GAP = 4;
const sheet = matchMedia("(width < 768px)");
let opener = null;

function place(menu) {
  if (sheet.matches || !opener) return menu.removeAttribute("style");
  const button = opener.getBoundingClientRect();
  const roomBelow = innerHeight - button.bottom - GAP;
  const top = menu.offsetHeight <= roomBelow ? button.bottom + GAP : Math.max(GAP, button.top - GAP - menu.offsetHeight);
  const left = button.left + menu.offsetWidth <= innerWidth - GAP ? button.left : button.right - menu.offsetWidth;
  Object.assign(menu.style, { position: "fixed", inset: "auto", margin: 0, top: `${top}px`, left: `${Math.max(GAP, left)}px` });
}

const items = (menu) => [...menu.querySelectorAll("a, button")].filter((item) => item.offsetParent && !item.disabled);

function move(event, menu) {
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? all.length - 1 : at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[(to + all.length) % all.length]?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[popovertarget]");
  if (button) opener = button;
}, true);
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.(".menu")) return;
  for (const button of document.querySelectorAll(`[popovertarget="${event.target.id}"]`))
    button.setAttribute("aria-expanded", event.newState === "open");
  if (event.newState === "open") place(event.target);
}, true);
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".menu:popover-open");
  if (menu && (menu.contains(event.target) || opener?.contains(event.target))) move(event, menu);
});
addEventListener("resize", () => document.querySelector(".menu:popover-open")?.hidePopover());
