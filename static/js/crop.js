// The cropper: a frame on the photo, and the form's fields in step with it. What is saved is what is inside the frame.
import { sentSize, shaped } from "./crop-box.js";
import { attach } from "./crop-touch.js";

const RATIOS = { square: 1, upright: 2 / 3, wide: 3 / 2, free: 0 };
const NAMES = ["left", "top", "width", "height"];

const form = document.querySelector("[data-crop]");
const frame = form.querySelector("[data-frame]");
const stage = frame.parentElement;
const told = form.querySelector("[data-size]");
const size = { w: Number(form.dataset.width), h: Number(form.dataset.height) };
const automatic = JSON.parse(form.dataset.boxes);
const limits = JSON.parse(form.dataset.sizes);

const mode = () => form.elements.mode.value;
const shape = () => form.elements.shape.value;
const ratio = () => RATIOS[shape()] ?? 0;
const inPixels = ([x, y, w, h]) => ({ x: x * size.w, y: y * size.h, w: w * size.w, h: h * size.h });
const kept = NAMES.map((name) => Number(form.elements[name].value));

let box = inPixels(automatic[mode()]?.[shape()] ?? kept);

function draw() {
  const shares = [box.x / size.w, box.y / size.h, box.w / size.w, box.h / size.h];
  ["left", "top", "width", "height"].forEach((side, place) => { frame.style[side] = `${shares[place] * 100}%`; });
  NAMES.forEach((name, place) => { form.elements[name].value = shares[place]; });
  const [w, h] = [Math.round(box.w), Math.round(box.h)];
  const sent = mode() === "none" ? [w, h] : sentSize([w, h], limits);
  const few = Math.min(...sent) < limits.small;
  told.textContent = `${sent[0]} × ${sent[1]} pixels are sent.${few ? ` A model learns from ${limits.small}: a larger part is better.` : ""}`;
  told.toggleAttribute("data-tone", few);
  if (few) told.dataset.tone = "warn";
  drawPart(form.querySelector(`[name="mode"][value="${mode()}"] ~ .part`), { x: Math.round(box.x), y: Math.round(box.y), w, h });
}

function drawPart(svg, { x, y, w, h }) {
  svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
  const inner = svg.firstElementChild;
  inner.setAttribute("width", w);
  inner.setAttribute("height", h);
  inner.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
}

function drawWays() {
  for (const [way, boxes] of Object.entries(automatic)) {
    const { x, y, w, h } = inPixels(boxes[shape()]);
    const svg = form.querySelector(`[name="mode"][value="${way}"] ~ .part`);
    if (svg) drawPart(svg, { x: Math.round(x), y: Math.round(y), w: Math.round(w), h: Math.round(h) });
  }
}

function chosen() {
  box = mode() === "hand" ? shaped(box, ratio(), size) : inPixels(automatic[mode()][shape()]);
  drawWays();
  draw();
}

function place(wanted) {
  if (mode() !== "hand") {
    form.elements.mode.value = "hand";
    wanted = shaped(wanted, ratio(), size);
  }
  box = wanted;
  draw();
}

for (const hidden of [frame, form.querySelector("[data-frame-help]"), form.querySelector("[data-needs-script]")]) {
  if (hidden) hidden.hidden = false;
}
form.addEventListener("change", chosen);
attach(frame, { box: () => box, ratio, size, place, scale: () => stage.clientWidth / size.w });
draw();
