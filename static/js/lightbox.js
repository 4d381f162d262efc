// A picture on black with what made it beside it. Any link with `data-full` inside `data-lightbox` opens here.

import { asked, forget } from "./lightbox-details.js";
import { swipes } from "./lightbox-touch.js";

let dialog = null;
let container = null;
let current = null;
let wanted = null;
let page = "";

const part = (selector) => dialog.querySelector(selector);

// Until a picture's own buttons are there, those of the last one stand inert: a key waits, and never acts on that one.
function press(selector) {
  const button = part(selector);
  if (part(".lightbox-actions").inert) wanted = selector;
  else button?.click();
}

const links = () =>
  [...container.querySelectorAll("a[data-full]")].filter((link) => link === current || !link.closest("[hidden]"));

function neighbour(by) {
  const all = links();
  return all[all.indexOf(current) + by];
}

function show(link) {
  current = link;
  wanted = null;
  const small = link.querySelector("img");
  const picture = part(".lightbox-picture");
  dialog.removeAttribute("data-true-size");
  picture.alt = small.alt;
  picture.src = small.currentSrc || small.src;
  part("[data-lightbox-status]").textContent = small.alt;
  link.scrollIntoView({ block: "nearest" });
  history.replaceState({ lightbox: link.dataset.id }, "", link.href);
  part('[data-step="-1"]').disabled = !neighbour(-1);
  part('[data-step="1"]').disabled = !neighbour(1);
  sharpen(link, picture);
  explain(link);
}

// The thumbnail stands in until the picture is decoded; then its neighbours are fetched.
async function sharpen(link, picture) {
  const full = new Image();
  full.src = link.dataset.full;
  try {
    await full.decode();
  } catch {
    return;
  }
  if (current !== link) return;
  picture.src = full.src;
  for (const next of [neighbour(1), neighbour(-1), neighbour(2)]) if (next) new Image().src = next.dataset.full;
}

async function explain(link) {
  part(".lightbox-actions").inert = part(".lightbox-details").inert = true;
  const details = await asked(link);
  if (current !== link || !details) return;
  part(".lightbox-actions").replaceChildren(...details.querySelectorAll(".details-actions"));
  part(".lightbox-details").replaceChildren(details);
  part(".lightbox-actions").inert = part(".lightbox-details").inert = false;
  htmx.process(part(".lightbox-details"));
  if (wanted) press(wanted);
  const next = neighbour(1);
  if (next) asked(next);
}

function step(by) {
  const next = neighbour(by);
  if (next) show(next);
}

function toggleDetails(isShown = dialog.hasAttribute("data-bare")) {
  dialog.toggleAttribute("data-bare", !isShown);
  part("[data-lightbox-toggle]").setAttribute("aria-expanded", String(isShown));
}

const KEYS = {
  ArrowRight: () => step(1),
  ArrowLeft: () => step(-1),
  s: () => press("[data-star]"),
  d: () => press("[data-download-one]"),
  c: () => press("[data-copy]"),
  u: () => press("[data-use-settings]"),
  x: () => current.closest(".picture")?.querySelector(".picture-check input")?.click(),
  z: () => dialog.toggleAttribute("data-true-size"),
  i: () => toggleDetails(),
  "?": () => part("#lightbox-keys").togglePopover(),
};
const SCROLL_THE_PAGE = new Set([" ", "PageUp", "PageDown", "Home", "End"]);

function pressed(event) {
  event.stopPropagation();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (KEYS[event.key]) KEYS[event.key]();
  else if (!SCROLL_THE_PAGE.has(event.key) || event.target.closest("a, button, aside")) return;
  event.preventDefault();
}

/** Whether a click lands on the picture, which is drawn inside its box; the black beside it closes. */
export function isOnPicture({ offsetX, offsetY, target: box }) {
  const scale = Math.min(box.clientWidth / box.naturalWidth, box.clientHeight / box.naturalHeight);
  const [x, y] = [Math.abs(offsetX - box.clientWidth / 2), Math.abs(offsetY - box.clientHeight / 2)];
  return x <= (box.naturalWidth * scale) / 2 && y <= (box.naturalHeight * scale) / 2;
}

function clicked(event) {
  const stepper = event.target.closest("[data-step]");
  // Back from the order leads to the page that one looked through, with its filters.
  if (event.target.closest("[data-use-settings]") && page) history.replaceState(null, "", page);
  if (stepper) step(Number(stepper.dataset.step));
  else if (event.target.closest("[data-lightbox-toggle]")) toggleDetails();
  else if (event.target.closest("[data-lightbox-close]")) dialog.close();
  else if (!event.target.matches(".lightbox-picture, .lightbox-stage")) return;
  else if (dialog.hasAttribute("data-true-size") || isOnPicture(event)) dialog.toggleAttribute("data-true-size");
  else dialog.close();
}

// Messages lie over the page, so while the dialog is open they live in it.
function carryMessages(to) {
  const messages = document.getElementById("flash");
  if (messages) to.append(messages);
}

function closed() {
  carryMessages(document.body);
  part(".lightbox-picture").removeAttribute("src");
  if (history.state?.lightbox) history.back();
  current.scrollIntoView({ block: "nearest" });
  current.focus({ preventScroll: true });
}

function build() {
  dialog = document.getElementById("lightbox-template")?.content.firstElementChild.cloneNode(true);
  if (!dialog) return;
  document.body.append(dialog);
  dialog.addEventListener("keydown", pressed);
  dialog.addEventListener("click", clicked);
  dialog.addEventListener("close", closed);
  swipes(part(".lightbox-stage"), part(".lightbox-picture"), { left: () => step(1), right: () => step(-1), down: () => dialog.close() });
}

function open(link) {
  if (!dialog) build();
  container = link.closest("[data-lightbox]");
  toggleDetails(matchMedia("(min-width: 768px)").matches && !dialog.hasAttribute("data-bare"));
  dialog.showModal();
  carryMessages(dialog);
  part(".lightbox-stage").focus();
  show(link);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-lightbox] a[data-full]");
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || event.defaultPrevented || document.body.hasAttribute("data-selecting")) return;
  if (!document.getElementById("lightbox-template")) return;
  event.preventDefault();
  // The page stays where the last picture was, rather than where the first was opened.
  history.scrollRestoration = "manual";
  page = location.href;
  history.pushState({ lightbox: link.dataset.id }, "", link.href);
  open(link);
});

window.addEventListener("popstate", ({ state }) => {
  if (dialog?.open) dialog.close();
  if (!state?.lightbox) return setTimeout(() => { history.scrollRestoration = "auto"; });
  const link = document.querySelector(`[data-lightbox] a[data-id="${CSS.escape(state.lightbox)}"]`);
  return link ? open(link) : location.reload();
});

document.addEventListener("picture-starred", ({ detail }) => forget(detail.id));
document.addEventListener("pictures-deleted", ({ detail }) => {
  if (!dialog?.open || !detail.ids.map(String).includes(current.dataset.id)) return;
  const next = neighbour(1) ?? neighbour(-1);
  if (next) show(next);
  else dialog.close();
});
