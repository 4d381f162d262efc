import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = { addEventListener() {}, getElementById: () => null, querySelectorAll: () => [] };
const { between } = await import("../../static/js/job-selection.js");

test("a range goes from one tick to the other, in either direction", () => {
  assert.deepEqual(between(["a", "b", "c", "d"], "b", "d"), ["b", "c", "d"]);
  assert.deepEqual(between(["a", "b", "c", "d"], "c", "a"), ["a", "b", "c"]);
});

test("a tick that is gone begins no range", () => {
  assert.deepEqual(between(["a", "b"], "z", "b"), []);
});
