// Which pictures move on to the block that follows when a block is no longer the last.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { querySelector: () => null };
globalThis.IntersectionObserver = class {};
const { unfinishedRow } = await import("../../static/js/endless.js");

const WIDTH = 300;

/** A block with pictures of 100 pixels, three in a row. */
function block(count, hidden = []) {
  const children = Array.from({ length: count }, (_, at) => ({ at, hidden: hidden.includes(at) }));
  children.filter((picture) => !picture.hidden).forEach((picture, place) => {
    Object.assign(picture, { offsetLeft: 20 + (place % 3) * 100, offsetWidth: 100, offsetTop: Math.floor(place / 3) * 100 });
  });
  return { children, offsetLeft: 20, clientWidth: WIDTH };
}

const numbers = (pictures) => pictures.map(({ at }) => at);

test("a row with room goes on as a whole", () => {
  assert.deepEqual(numbers(unfinishedRow(block(8))), [6, 7]);
  assert.deepEqual(numbers(unfinishedRow(block(2))), [0, 1]);
});

test("full rows stay", () => {
  assert.deepEqual(unfinishedRow(block(6)), []);
  assert.deepEqual(unfinishedRow(block(0)), []);
});

test("hidden pictures neither fill a row nor go on", () => {
  assert.deepEqual(numbers(unfinishedRow(block(6, [5]))), [3, 4]);
  assert.deepEqual(unfinishedRow(block(7, [6])), []);
  assert.deepEqual(unfinishedRow(block(2, [0, 1])), []);
});

test("a row that is two pixels short of full is full", () => {
  const almost = block(3);
  almost.clientWidth = WIDTH + 2;
  assert.deepEqual(unfinishedRow(almost), []);
  almost.clientWidth = WIDTH + 3;
  assert.equal(unfinishedRow(almost).length, 3);
});
