// The large picture: where a click counts as one on it, and which way a swipe goes.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { swipes } from "../../static/js/lightbox-touch.js";

globalThis.window = new EventTarget();
globalThis.document = new EventTarget();
const { isOnPicture } = await import("../../static/js/lightbox.js");

const TALL = { clientWidth: 1000, clientHeight: 500, naturalWidth: 400, naturalHeight: 800 };

test("a click beside a tall picture is on the black, one on it is not", () => {
  assert.ok(isOnPicture({ offsetX: 500, offsetY: 10, target: TALL }));
  assert.ok(isOnPicture({ offsetX: 620, offsetY: 250, target: TALL }));
  assert.ok(!isOnPicture({ offsetX: 640, offsetY: 250, target: TALL }));
  assert.ok(!isOnPicture({ offsetX: 100, offsetY: 250, target: TALL }));
});

test("a click above a wide picture is on the black", () => {
  const wide = { clientWidth: 500, clientHeight: 1000, naturalWidth: 1000, naturalHeight: 500 };

  assert.ok(isOnPicture({ offsetX: 20, offsetY: 500, target: wide }));
  assert.ok(!isOnPicture({ offsetX: 250, offsetY: 300, target: wide }));
});

let stage;
let picture;
let gone;

beforeEach(() => {
  stage = Object.assign(new EventTarget(), { scrollWidth: 300, clientWidth: 300 });
  picture = { style: {} };
  gone = [];
  swipes(stage, picture, { left: () => gone.push("left"), right: () => gone.push("right"), down: () => gone.push("down") });
});

const touch = (type, fields) => stage.dispatchEvent(Object.assign(new Event(type, { cancelable: true }), fields));

function swipe([x, y], fingers = 1) {
  touch("touchstart", { touches: Array.from({ length: fingers }, () => ({ clientX: 100, clientY: 100 })) });
  touch("touchmove", { touches: [{ clientX: 100 + x, clientY: 100 + y }] });
  const followed = picture.style.translate;
  touch("touchend", { changedTouches: [{ clientX: 100 + x, clientY: 100 + y }] });
  return followed;
}

test("sideways goes to the next picture, down closes, and the picture follows the finger", () => {
  assert.equal(swipe([-80, 10]), "-80px");
  assert.equal(swipe([80, -10]), "80px");
  assert.equal(swipe([5, 200]), "0 200px");
  assert.deepEqual(gone, ["left", "right", "down"]);
  assert.equal(picture.style.translate, "");
});

test("a short way, up, and two fingers go nowhere", () => {
  swipe([-50, 0]);
  swipe([0, 100]);
  assert.equal(swipe([0, -300]), "0 0px");
  swipe([-200, 0], 2);
  assert.deepEqual(gone, []);
});

test("a zoomed picture is moved by the browser instead", () => {
  stage.scrollWidth = 900;
  swipe([-200, 0]);
  stage.scrollWidth = 300;
  window.visualViewport = { scale: 2 };
  swipe([-200, 0]);
  delete window.visualViewport;
  assert.deepEqual(gone, []);
});

test("a touch that the system takes away goes nowhere", () => {
  touch("touchstart", { touches: [{ clientX: 100, clientY: 100 }] });
  touch("touchmove", { touches: [{ clientX: 0, clientY: 100 }] });
  touch("touchcancel", {});
  assert.equal(picture.style.translate, "");
  touch("touchend", { changedTouches: [{ clientX: 0, clientY: 100 }] });
  assert.deepEqual(gone, []);
});
