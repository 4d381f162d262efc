// Mouse, fingers and keys move the frame of the cropper.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { attach } from "../../static/js/crop-touch.js";

let frame;
let box;

beforeEach(() => {
  frame = Object.assign(new EventTarget(), { dataset: {}, focus() {}, setPointerCapture() {} });
  box = { x: 100, y: 100, w: 200, h: 200 };
  attach(frame, { box: () => box, ratio: () => 0, size: { w: 1000, h: 1000 }, place: (wanted) => { box = wanted; }, scale: () => 0.5 });
});

function happens(type, fields) {
  const event = Object.assign(new Event(type, { cancelable: true }), { button: 0, ...fields });
  frame.dispatchEvent(event);
  return event;
}

test("a finger moves it by the pixels of the photo", () => {
  happens("pointerdown", { pointerId: 1, clientX: 10, clientY: 10 });
  happens("pointermove", { pointerId: 1, clientX: 60, clientY: 20 });

  assert.deepEqual(box, { x: 200, y: 120, w: 200, h: 200 });
});

test("two fingers scale it, and one that is lifted leaves no jump", () => {
  happens("pointerdown", { pointerId: 1, clientX: 100, clientY: 0 });
  happens("pointerdown", { pointerId: 2, clientX: 200, clientY: 0 });
  happens("pointermove", { pointerId: 2, clientX: 300, clientY: 0 });
  assert.deepEqual(box, { x: 0, y: 0, w: 400, h: 400 });

  happens("pointerup", { pointerId: 1 });
  happens("pointermove", { pointerId: 2, clientX: 301, clientY: 0 });
  assert.deepEqual(box, { x: 2, y: 0, w: 400, h: 400 });
});

test("a finger that went down elsewhere moves nothing", () => {
  happens("pointermove", { pointerId: 9, clientX: 500, clientY: 500 });

  assert.deepEqual(box, { x: 100, y: 100, w: 200, h: 200 });
});

test("arrows move it a hundredth, with shift five, and leave the browser's own keys alone", () => {
  assert.ok(happens("keydown", { key: "ArrowRight" }).defaultPrevented);
  assert.equal(box.x, 110);
  happens("keydown", { key: "ArrowUp", shiftKey: true });
  assert.equal(box.y, 50);
  assert.ok(!happens("keydown", { key: "ArrowRight", ctrlKey: true }).defaultPrevented);
  assert.ok(!happens("keydown", { key: "a" }).defaultPrevented);
  assert.deepEqual(box, { x: 110, y: 50, w: 200, h: 200 });
});

test("plus and minus scale it about its middle", () => {
  happens("keydown", { key: "+" });
  assert.ok(Math.abs(box.w - 210) < 1e-9);
  assert.ok(Math.abs(box.x - 95) < 1e-9);
});
