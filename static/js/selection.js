// Which pictures are selected: by box, by range with shift, by tapping while selecting; and what became of them.

const selected = new Set();
let last = null;

const form = () => document.getElementById("selection");
const boxes = () => [...document.querySelectorAll(".picture:not([hidden]) .picture-check input")];
const isBox = (element) => element.matches?.(".picture-check input");
const announce = (name) => document.dispatchEvent(new Event(name));

function show() {
  const { size } = selected;
  const most = Number(form().dataset.most);
  form().querySelector(".selection-count").textContent =
    size > most ? `${size} selected: up to ${most} at once` : size ? `${size} selected` : "Select pictures";
  for (const button of form().querySelectorAll("button:not([type=reset])")) button.disabled = !size || size > most;
  form().toggleAttribute("data-some", size > 0);
}

function mark(box, checked = box.checked) {
  box.checked = checked;
  if (checked) selected.add(box.value);
  else selected.delete(box.value);
}

function markRange(to) {
  announce("pictures-wanted");
  const all = boxes();
  const [from, until] = [all.indexOf(last), all.indexOf(to)].sort((a, b) => a - b);
  for (const box of all.slice(Math.max(from, 0), until + 1)) mark(box, to.checked);
}

function selecting(on) {
  document.body.toggleAttribute("data-selecting", on);
  for (const button of document.querySelectorAll("[data-select]")) button.setAttribute("aria-pressed", String(on));
  show();
}

function toggle(picture, isRange = false) {
  const box = picture.querySelector(".picture-check input");
  if (box) choose(box, !box.checked, isRange);
}

function choose(box, checked, isRange) {
  mark(box, checked);
  if (isRange && last?.isConnected) markRange(box);
  last = box;
  show();
}

function become(ids, hidden) {
  announce("pictures-wanted");
  for (const id of ids) {
    const picture = document.getElementById(`picture-${id}`);
    if (!picture) continue;
    picture.hidden = hidden;
    const box = picture.querySelector(".picture-check input");
    if (box) mark(box, false);
  }
  announce("pictures-changed");
  show();
}

function start() {
  document.addEventListener("click", (event) => {
    const box = isBox(event.target) ? event.target : null;
    const select = event.target.closest("[data-select]");
    const link = event.target.closest("body[data-selecting] .picture > a");
    if (select) selecting(!document.body.hasAttribute("data-selecting"));
    if (link) {
      event.preventDefault();
      toggle(link.parentElement, event.shiftKey);
    }
    if (box) choose(box, box.checked, event.shiftKey);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && isBox(event.target)) event.preventDefault();
    if (event.key === "x" && event.target.matches(".picture > a")) toggle(event.target.parentElement);
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) form().reset();
  });
  form().addEventListener("reset", () => {
    announce("pictures-wanted");
    selected.clear();
    selecting(false);
  });
  form().addEventListener("formdata", ({ formData }) => {
    formData.delete("id");
    formData.set("ids", [...selected].join(","));
  });
  document.addEventListener("pictures-deleted", ({ detail }) => become(detail.ids, true));
  document.addEventListener("pictures-restored", ({ detail }) => become(detail.ids, false));
  for (const button of document.querySelectorAll("[data-select]")) button.hidden = false;
  for (const box of boxes()) if (box.checked) mark(box);
  show();
}

if (form()) start();
