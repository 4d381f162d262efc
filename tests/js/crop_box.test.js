// The frame of the cropper stays on its photo, in its shape, and no smaller than it may be.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LEAST, dragged, moved, scaled, sentSize, shaped } from "../../static/js/crop-box.js";

const PHOTO = { w: 1200, h: 800 };
const BOX = { x: 100, y: 100, w: 400, h: 400 };
const CORNERS = ["nw", "ne", "sw", "se"];
const RATIOS = [0, 1, 2 / 3, 3 / 2];

function assertOnPhoto({ x, y, w, h }, size, about) {
  const slack = 1e-6;
  assert.ok(x >= -slack && y >= -slack && x + w <= size.w + slack && y + h <= size.h + slack, about);
  assert.ok(w > 0 && h > 0, about);
}

// A small generator with a seed, so that a failure comes back.
function chances(seed) {
  let state = seed;
  return (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 31) * most;
  };
}

test("a frame moves and stops at the edges", () => {
  assert.deepEqual(moved(BOX, 10, -20, PHOTO), { x: 110, y: 80, w: 400, h: 400 });
  assert.deepEqual(moved(BOX, -5000, 5000, PHOTO), { x: 0, y: 400, w: 400, h: 400 });
});

test("another shape keeps the middle and about the area", () => {
  const wide = shaped(BOX, 3 / 2, PHOTO);

  assert.ok(Math.abs(wide.w / wide.h - 3 / 2) < 1e-9);
  assert.ok(Math.abs(wide.w * wide.h - 400 * 400) < 1);
  assert.ok(Math.abs(wide.x + wide.w / 2 - 300) < 1e-9);
  assert.equal(shaped(BOX, 0, PHOTO), BOX);
});

test("a frame grows to the photo and shrinks to the least side", () => {
  assert.deepEqual(scaled(BOX, 100, 1, PHOTO), { x: 0, y: 0, w: 800, h: 800 });
  assert.equal(scaled(BOX, 0.001, 1, PHOTO).w, LEAST);
  assert.ok(scaled({ x: 0, y: 0, w: 40, h: 30 }, 0.5, 0, { w: 40, h: 30 }).w <= 40);
});

test("a corner follows the pointer and the opposite one stays", () => {
  assert.deepEqual(dragged(BOX, "se", { x: 700, y: 600 }, 0, PHOTO), { x: 100, y: 100, w: 600, h: 500 });
  assert.deepEqual(dragged(BOX, "nw", { x: 50, y: 150 }, 0, PHOTO), { x: 50, y: 150, w: 450, h: 350 });
  assert.deepEqual(dragged(BOX, "nw", { x: 5000, y: 5000 }, 0, PHOTO), { x: 436, y: 436, w: LEAST, h: LEAST });
});

test("whatever is done to it, it stays on the photo and in its shape", () => {
  const chance = chances(20_261_127);
  for (let round = 0; round < 3000; round += 1) {
    const size = { w: 64 + chance(4000), h: 64 + chance(4000) };
    const ratio = RATIOS[Math.floor(chance(RATIOS.length))];
    let box = shaped({ x: 0, y: 0, w: size.w, h: size.h }, ratio, size);
    for (let step = 0; step < 4; step += 1) {
      const corner = CORNERS[Math.floor(chance(4))];
      const point = { x: chance(6000) - 1000, y: chance(6000) - 1000 };
      const ways = [
        () => moved(box, point.x, point.y, size),
        () => scaled(box, chance(3), ratio, size),
        () => dragged(box, corner, point, ratio, size),
      ];
      box = ways[Math.floor(chance(ways.length))]();
      assertOnPhoto(box, size, JSON.stringify({ round, step, box, size, ratio }));
      if (ratio) assert.ok(Math.abs(box.w / box.h - ratio) < 1e-6, `shape ${round}`);
    }
  }
});

test("a part with enough pixels is sent as it is, a smaller one out of the original", () => {
  const sizes = { trained: 1024, gain: 3, short: 1536, long: 4096 };

  assert.deepEqual(sentSize([1500, 1024], sizes), [1500, 1024]);
  assert.deepEqual(sentSize([400, 600], sizes), [1200, 1800]);
  assert.deepEqual(sentSize([900, 1000], sizes), [1536, 1707]);
  assert.deepEqual(sentSize([500, 3000], sizes), [683, 4096]);
  assert.deepEqual(sentSize([400, 600], { ...sizes, gain: 0.5 }), [400, 600]);
});
