// Messages that come and go. From the server: `HX-Trigger: {"flash": {…}}`; from scripts: `flash({…})`.

const STAYS_MS = 6_000;
const WITH_UNDO_MS = 12_000;

const region = document.getElementById("flash");
const template = document.getElementById("flash-template");

function leave(message) {
  message.dataset.leaving = "";
  setTimeout(() => message.remove(), 200);
}

function leaveLater(message, milliseconds) {
  let timer;
  const wait = () => { clearTimeout(timer); timer = setTimeout(() => leave(message), milliseconds); };
  for (const type of ["pointerenter", "focusin"]) message.addEventListener(type, () => clearTimeout(timer));
  for (const type of ["pointerleave", "focusout"]) message.addEventListener(type, wait);
  wait();
}

function settle(message) {
  const undo = message.querySelector("form:not([hidden])");
  const dismiss = message.querySelector("[data-dismiss]");
  if (dismiss) dismiss.hidden = false;
  if (undo) leaveLater(message, WITH_UNDO_MS);
  else if (["good", "info"].includes(message.dataset.tone)) leaveLater(message, STAYS_MS);
}

function hidden(name, value) {
  return Object.assign(document.createElement("input"), { type: "hidden", name, value });
}

function offerUndo(form, { undo, fields = {}, htmx: byHtmx = false }) {
  form.hidden = false;
  form.action = undo;
  for (const [name, value] of Object.entries(fields)) form.append(...[value].flat().map((one) => hidden(name, one)));
  if (!byHtmx) return;
  form.setAttribute("hx-post", undo);
  form.setAttribute("hx-swap", "none");
  window.htmx?.process(form);
  form.addEventListener("htmx:afterRequest", () => leave(form.closest(".flash")));
}

/** Show a message: `text`, `tone` (info, good, warn, bad), and with `undo` an Undo button that posts there. */
export function flash({ text, tone = "info", ...offer }) {
  const same = [...region.children].find((shown) => shown.querySelector("p").textContent === text);
  same?.remove();
  const message = template.content.firstElementChild.cloneNode(true);
  message.dataset.tone = tone;
  message.querySelector(`.flash-icons [data-tone="${tone}"]`)?.setAttribute("data-shown", "");
  message.querySelector("p").textContent = text;
  region.append(message);
  if (offer.undo) offerUndo(message.querySelector("form"), offer);
  settle(message);
}

if (region) {
  for (const message of region.querySelectorAll(".flash")) settle(message);
  document.addEventListener("flash", (event) => flash(event.detail));
  document.addEventListener("click", (event) => {
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) leave(dismiss.closest(".flash"));
  });
}
