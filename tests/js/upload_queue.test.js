// The queue of uploads: three at a time, in parts, on from where it stopped, and again after what was nobody's fault.
import assert from "node:assert/strict";
import { Blob, File } from "node:buffer";
import { beforeEach, mock, test } from "node:test";

const PART = 2 * 1024 * 1024;
const SOON = 60_000;

class FakeRequest extends EventTarget {
  constructor() {
    super();
    this.upload = new EventTarget();
    requests.push(this);
  }

  open(method, address) { this.address = address; }

  setRequestHeader() {}

  send(data) { this.data = data; }

  // Nothing happens to a request that was answered, as in a browser.
  abort() {
    if (this.status === undefined) this.answer(0, null);
  }

  answer(status, answer) {
    this.status = status;
    this.responseText = answer === null ? "" : JSON.stringify(answer);
    this.dispatchEvent(new Event("loadend"));
  }

  get field() { return Object.fromEntries([...this.data.entries()].filter(([, value]) => typeof value === "string")); }

  get part() { return this.data.get("photos")?.size ?? 0; }
}

let requests = [];
let takenBack = [];
let halfMinute = null;
let count = 0;

/** An element of which only what it was told is looked at. */
function element() {
  const parts = new Map();
  return Object.assign(new EventTarget(), {
    dataset: {},
    querySelector(selector) {
      if (!parts.has(selector)) parts.set(selector, element());
      return selector === "canvas" || selector === ".skeleton" ? null : parts.get(selector);
    },
    replaceChildren(...children) { this.said = children.map((child) => child.textContent ?? child).join(""); },
    remove() { this.isGone = true; },
    before() {},
    setAttribute() {},
    click() { this.dispatchEvent(new Event("click")); },
  });
}

const page = { children: [], insertBefore() {}, querySelectorAll: () => [], content: { firstElementChild: { cloneNode: element } } };

globalThis.File ??= File;
globalThis.CustomEvent ??= class extends Event {
  constructor(name, { detail }) { super(name); this.detail = detail; }
};
globalThis.crypto ??= (await import("node:crypto")).webcrypto;
globalThis.XMLHttpRequest = FakeRequest;
globalThis.htmx = { process() {} };
Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
globalThis.fetch = async (address, { body }) => { takenBack.push(body.get("nonce")); };
globalThis.setInterval = (run, ms) => { halfMinute = { run, ms }; };
globalThis.document = Object.assign(new EventTarget(), {
  getElementById: (id) => (/^photo-\d/.test(id) ? null : page),
  createElement: (name) => (name === "template" ? { content: { firstElementChild: { dataset: {} } } } : {}),
});
mock.timers.enable({ apis: ["setTimeout"] });
const { enqueue, retryFailed, stuck, unsent } = await import("../../static/js/upload-queue.js");

let form;
let happened;

beforeEach(() => {
  requests = [];
  takenBack = [];
  happened = [];
  form = Object.assign(new EventTarget(), {
    action: "/upload/",
    dataset: { maxMb: "40", maxZipMb: "100", sender: "mara" },
    elements: { position: { value: 0 }, csrfmiddlewaretoken: { value: "token" } },
    getAttribute: () => "/upload/",
  });
  for (const name of ["taken-back", "refused", "captioned", "unpacked"]) {
    form.addEventListener(`upload:${name}`, () => happened.push(name));
  }
});

const TAKEN = { photos: [{ tile: "<li></li>" }], refused: [] };

/** A file of so many bytes, in the queue; its tile. */
function add(size = 100, name = `photo-${count += 1}.jpg`, former = null) {
  const tile = element();
  enqueue(form, new File([new Uint8Array(size)], name), tile, former);
  return tile;
}

function lastAnswers(status, answer) {
  requests.at(-1).answer(status, answer);
}

function assertAllSettled() {
  assert.deepEqual([unsent(), stuck()], [0, 0]);
}

test("three go up at a time, in the order in which they were chosen", () => {
  for (let number = 0; number < 5; number += 1) add();
  assert.equal(requests.length, 3);
  assert.equal(unsent(), 5);

  requests[1].answer(200, TAKEN);
  assert.deepEqual(requests.map(({ field }) => field.position), ["0", "1", "2", "3"]);
  for (const at of [0, 2, 3, 4]) requests[at].answer(200, TAKEN);
  assertAllSettled();
  assert.equal(new Set(requests.map(({ field }) => field.nonce)).size, 5);
});

test("a large file goes in parts, each from where the server says that it is", () => {
  const tile = add(2 * PART + 10);
  assert.equal(requests[0].part, PART);
  lastAnswers(200, { offset: PART });
  assert.deepEqual([requests[1].field.offset, requests[1].part], [String(PART), PART]);
  lastAnswers(200, { offset: 2 * PART });
  assert.equal(requests[2].part, 10);
  lastAnswers(200, TAKEN);

  assert.equal(requests.length, 3);
  assert.equal(new Set(requests.map(({ field }) => field.nonce)).size, 1);
  assert.ok(tile.isGone);
  assertAllSettled();
});

test("after no answer it asks how far it is before it sends on", () => {
  add(2 * PART);
  lastAnswers(200, { offset: PART });
  lastAnswers(0, null);
  assert.equal(unsent(), 1);
  mock.timers.tick(SOON);

  assert.equal(requests[2].part, 0);
  lastAnswers(200, { offset: PART });
  assert.deepEqual([requests[3].field.offset, requests[3].part], [String(PART), PART]);
  lastAnswers(200, TAKEN);
  assertAllSettled();
});

test("the pauses between tries grow, and after four somebody must ask", () => {
  const tile = add();
  const pauses = [];
  for (let tries = 1; tries <= 3; tries += 1) {
    lastAnswers(503, null);
    let waited = 0;
    while (requests.length === tries) {
      mock.timers.tick(50);
      waited += 50;
    }
    pauses.push(waited);
  }
  lastAnswers(503, null);
  mock.timers.tick(SOON);

  pauses.forEach((waited, at) => assert.ok(waited >= 750 * 2 ** at && waited <= 1250 * 2 ** at + 50, `pauses ${pauses}`));
  assert.equal(requests.length, 4);
  assert.deepEqual([unsent(), stuck()], [0, 1]);
  assert.match(tile.querySelector(".tile-note").said, /Check the connection/);
  assert.equal(tile.querySelector("[data-retry]").hidden, false);

  tile.querySelector("[data-retry]").click();
  lastAnswers(200, TAKEN);
  assertAllSettled();
});

test("what failed is tried again each half minute, but not from a hidden tab or without a network", () => {
  const tile = add();
  lastAnswers(200, { page: "sign in" });
  assert.match(tile.querySelector(".tile-note").said, /signed out/);
  assert.equal(halfMinute.ms, 30_000);

  document.hidden = true;
  halfMinute.run();
  document.hidden = false;
  navigator.onLine = false;
  halfMinute.run();
  navigator.onLine = true;
  assert.equal(requests.length, 1);
  halfMinute.run();
  assert.equal(requests.length, 2);
  lastAnswers(200, TAKEN);
  assertAllSettled();
});

test("a server that takes nothing of it in four tries is given up on", () => {
  const tile = add(3 * PART);
  for (let tries = 1; tries <= 4; tries += 1) lastAnswers(200, { offset: 0 });

  assert.equal(requests.length, 4);
  assert.equal(tile.dataset.state, "failed");
  retryFailed();
  for (const offset of [PART, 2 * PART]) lastAnswers(200, { offset });
  lastAnswers(200, TAKEN);
  assertAllSettled();
});

test("a file that is refused says why and is not tried again", () => {
  const tile = add();
  lastAnswers(200, { photos: [], refused: [{ sentence: "This is a PDF, not a photo." }] });
  const known = add();
  lastAnswers(200, { photos: [], refused: [{ sentence: "It is here already.", known: true }] });
  const large = add();
  lastAnswers(413, null);

  assert.match(tile.querySelector(".tile-note").said, /not a photo/);
  assert.deepEqual([tile, known, large].map(({ dataset }) => dataset.state), ["unreadable", "known", "unreadable"]);
  assert.deepEqual(happened, ["refused", "refused", "refused"]);
  retryFailed();
  assert.equal(requests.length, 3);
  assertAllSettled();
});

test("an empty file is refused in a sentence and not sent", () => {
  const tile = add(0);
  assert.match(tile.querySelector(".tile-note").said, /empty/);
  assert.equal(tile.dataset.state, "unreadable");
  assert.equal(requests.length, 0);
  assertAllSettled();
});

test("a file that is too large for the server is not sent at all, and a zip may be larger", () => {
  const tile = add(41 * 1024 * 1024);
  assert.match(tile.querySelector(".tile-note").said, /larger than 40 MB/);
  assert.equal(requests.length, 0);

  add(41 * 1024 * 1024, "photos.zip").querySelector("[data-cancel]").click();
  assert.equal(requests.length, 1);
  assertAllSettled();
});

test("a set that is gone, a session that ended and a busy server are told apart", () => {
  const said = (status) => {
    const tile = add();
    lastAnswers(status, null);
    const sentence = tile.querySelector(".tile-note").said;
    const isTriedAgain = unsent() > 0;
    tile.querySelector("[data-cancel]").click();
    mock.timers.tick(SOON);
    return isTriedAgain ? "again" : sentence.replace(/^\S+ /, "");
  };

  assert.match(said(404), /no longer there/);
  for (const status of [200, 302, 403, 405]) assert.match(said(status), /signed out/, String(status));
  for (const status of [0, 400, 408, 429, 500, 502, 503]) assert.equal(said(status), "again", String(status));
  assertAllSettled();
});

test("one that is cancelled on its way is aborted and taken back, and the next takes its place", () => {
  const tiles = [add(), add(), add(), add()];
  tiles[0].querySelector("[data-cancel]").click();
  assert.deepEqual([requests[0].status, tiles[0].isGone], [0, true]);
  assert.deepEqual(takenBack, [requests[0].field.nonce]);
  assert.equal(requests.length, 4);
  tiles[3].querySelector("[data-cancel]").click();
  for (const at of [1, 2]) requests[at].answer(200, TAKEN);
  assertAllSettled();
});

test("one that was never begun is only forgotten", () => {
  const tiles = [add(), add(), add(), add()];
  tiles[3].querySelector("[data-cancel]").click();
  for (const request of requests) request.answer(200, TAKEN);

  assert.equal(requests.length, 3);
  assert.deepEqual(takenBack, []);
  assertAllSettled();
});

test("a zip goes on while it is unpacked and tells what was in it", () => {
  const tile = add(50, "photos.zip");
  lastAnswers(200, { offset: 50, entry: 2, entries: 4, photos: [{ tile: "" }], refused: [{ name: "a.txt", sentence: "No photo." }] });
  assert.deepEqual([requests[1].field.entry, requests[1].part], ["2", 0]);
  assert.equal(tile.querySelector("progress").value, 50);
  lastAnswers(200, { offset: 50, entry: null, entries: 4, photos: [], refused: [] });

  assert.deepEqual(happened, ["unpacked", "unpacked", "taken-back"]);
  assert.ok(tile.isGone);
  assertAllSettled();
});

test("what the browser kept goes on under its own number and place", () => {
  add(2 * PART, "kept.jpg", { nonce: "1-2-3-4", position: 7 });
  assert.deepEqual([requests[0].field.nonce, requests[0].field.position, requests[0].part], ["1-2-3-4", "7", 0]);
  lastAnswers(200, { offset: PART });
  assert.equal(requests[1].part, PART);
  lastAnswers(200, TAKEN);
  add();
  assert.equal(requests[2].field.position, "8");
  lastAnswers(200, TAKEN);
  assertAllSettled();
});

test("a text goes along with its photo and is counted as a caption", () => {
  enqueue(form, new File(["x"], "1.jpg"), element(), null, new File(["a dog"], "1.txt"));
  assert.equal(requests[0].data.get("text").name, "1.txt");
  lastAnswers(200, TAKEN);
  assert.deepEqual(happened, ["captioned"]);
  assertAllSettled();
});

test("the bytes that go up are those of the file", async () => {
  const bytes = Uint8Array.from({ length: PART + 3 }, (_, at) => at % 251);
  enqueue(form, new File([bytes], "1.jpg"), element());
  lastAnswers(200, { offset: PART });
  lastAnswers(200, TAKEN);
  const parts = await Promise.all(requests.map(({ data }) => data.get("photos").arrayBuffer()));

  assert.deepEqual(Buffer.from(await new Blob(parts).arrayBuffer()), Buffer.from(bytes));
});

test("behind a proxy that takes little, parts get smaller once and stay so", () => {
  add(PART + 10);
  lastAnswers(413, null);
  const small = requests[1].part;
  assert.ok(small < 1024 * 1024 - 64 * 1024, "nginx takes 1 MB with all fields as it comes");
  lastAnswers(200, { offset: small });
  assert.deepEqual([requests[2].field.offset, requests[2].part], [String(small), small]);
  lastAnswers(200, TAKEN);
  const tile = add(PART);
  lastAnswers(413, null);

  assert.equal(requests.length, 4);
  assert.match(tile.querySelector(".tile-note").said, /client_max_body_size/);
  assertAllSettled();
});
