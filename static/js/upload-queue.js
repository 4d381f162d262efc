// Sends files three at a time, each in parts. What fails for no fault of the file is tried again by itself, then on
// request, and goes on where it stopped.
import { insertPhoto, parsed } from "./photo-places.js";
import { forget, keep } from "./upload-kept.js";
import { sendPart, takeBack } from "./upload-request.js";
import { handOver, makeNote, progress, show } from "./upload-tile.js";

const AT_ONCE = 3;
const TRIES = 4;
const AGAIN_MS = 30_000;
const queue = [];
const failed = new Set();
let sending = 0;
let resting = 0;

const SIGNED_OUT = "It could not be sent: you may be signed out. Reload the page and it goes on.";
const BY_PROXY = "A proxy before this server takes no file parts of 512 KB. Whoever looks after it raises that limit (client_max_body_size in nginx).";
const NO_ANSWER = "It could not be sent. Check the connection and try again.";

const isZip = (file) => /\.zip$/i.test(file.name);

const tell = (form, name, detail) => form.dispatchEvent(new CustomEvent(`upload:${name}`, { detail }));

const newNonce = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

/** How many files are not settled yet. */
export const unsent = () => queue.length + sending + resting;

/** How many files wait for somebody to try again, or for the network. */
export const stuck = () => failed.size;

/** Send *file* to where *form* posts, showing how it goes on *tile*. *former* is what was kept of it, if it was; *text* is the text file beside it, if there is one. */
export function enqueue(form, file, tile, former = null, text = null) {
  const position = former?.position ?? form.elements.position.value++;
  const item = { form, file, text, tile, position, nonce: former?.nonce ?? newNonce(), tries: 0, offset: 0, entry: 0, asks: Boolean(former) };
  form.elements.position.value = Math.max(form.elements.position.value, position + 1);
  tile.querySelector("[data-cancel]").addEventListener("click", () => cancel(item));
  tile.querySelector("[data-retry]").addEventListener("click", () => again(item));
  const limit = Number((isZip(file) && form.dataset.maxZipMb) || form.dataset.maxMb);
  if (!file.size) refuse(item, { sentence: "This file is empty: there is no photo in it." });
  else if (file.size > limit * 1024 * 1024) refuse(item, { sentence: `This file is larger than ${limit} MB. Save a smaller copy and send that.` });
  else queue.push(item);
  if (!former && !item.settled) keep(form, item).then(() => { if (item.settled) forget(item.nonce); });
  next();
}

/** Try everything again that failed, for example because the network is back. */
export function retryFailed() {
  for (const item of failed) again(item);
}

setInterval(() => { if (navigator.onLine && !document.hidden) retryFailed(); }, AGAIN_MS);

function next() {
  while (sending < AT_ONCE && queue.length) {
    sending += 1;
    send(queue.shift());
  }
}

function again(item) {
  if (!failed.delete(item)) return;
  item.tries = 0;
  show(item.tile, "queued", item.file.name);
  queue.push(item);
  next();
}

function cancel(item) {
  if (!item.settled && item.tries) takeBack(item);
  if (item.settled !== "refused") tell(item.form, "taken-back");
  settle(item, "cancelled");
  failed.delete(item);
  if (queue.includes(item)) queue.splice(queue.indexOf(item), 1);
  item.request?.abort();
  item.tile.remove();
  tell(item.form, "settled");
}

function send(item) {
  item.tries += 1;
  show(item.tile, "sending", item.file.name);
  sendPart(item, (percent) => progress(item.tile, percent), (status, answer) => {
    if (!item.settled && goesOn(item, answer)) return send(item);
    sending -= 1;
    if (!item.settled) judge(item, status, answer);
    next();
    tell(item.form, "settled");
  });
}

// A part was taken, or a zip unpacked a little further. Without any progress it counts as one more try.
function goesOn(item, answer) {
  if (answer?.offset === undefined) return false;
  const { offset, entry } = item;
  [item.offset, item.entry] = [answer.offset, answer.entry ?? 0];
  if (answer.entries) unpacked(item, answer);
  const isWhole = answer.offset >= item.file.size && answer.entry === null;
  if (item.offset > offset || item.entry > entry || item.asks) item.tries = 0;
  item.asks = false;
  return !isWhole && item.tries < TRIES;
}

function unpacked(item, { photos, refused, entry, entries, companions = 0 }) {
  for (const photo of photos) insertPhoto(parsed(photo.tile));
  for (const { name, sentence, known } of refused) makeNote(item.tile, name, sentence, known ? "known" : "unreadable");
  progress(item.tile, (100 * (entry ?? entries)) / entries);
  tell(item.form, "unpacked", { photos: photos.length, refused, companions });
}

function judge(item, status, answer) {
  if (answer?.entries && answer.entry === null) finishZip(item);
  else if (answer?.captions) finishText(item);
  else if (answer?.photos?.length) finish(item, answer.photos[0], answer.refused);
  else if (answer?.refused?.length) refuse(item, answer.refused[0]);
  else if (answer?.offset !== undefined) fail(item, NO_ANSWER);
  else if (status === 413) refuse(item, { sentence: BY_PROXY });
  else if (status === 404) fail(item, "It could not be sent: this set is no longer there.");
  else if (status >= 200 && status < 500 && status !== 400 && status !== 408 && status !== 429) fail(item, SIGNED_OUT);
  else stumble(item);
}

function finish(item, photo, refused = []) {
  settle(item, "sent");
  if (item.text && !refused.length) tell(item.form, "captioned");
  for (const { name, sentence } of refused) makeNote(item.tile, name, sentence, "unreadable");
  handOver(item.tile, insertPhoto(parsed(photo.tile)));
}

function finishText(item) {
  tell(item.form, "captioned");
  finishZip(item);
}

function finishZip(item) {
  settle(item, "sent");
  tell(item.form, "taken-back");
  item.tile.remove();
}

function refuse(item, { sentence, known = false }) {
  settle(item, "refused");
  tell(item.form, "refused", { known });
  show(item.tile, known ? "known" : "unreadable", item.file.name, sentence);
}

function settle(item, how) {
  item.settled = how;
  forget(item.nonce);
}

function fail(item, sentence) {
  failed.add(item);
  show(item.tile, "failed", item.file.name, sentence);
}

// The nonce makes a second try harmless, even when the first one arrived and only its answer was lost.
function stumble(item) {
  item.asks = true;
  if (item.tries >= TRIES) return fail(item, NO_ANSWER);
  show(item.tile, "queued", item.file.name);
  resting += 1;
  setTimeout(() => {
    resting -= 1;
    if (!item.settled) queue.push(item);
    next();
    tell(item.form, "settled");
  }, 1000 * 2 ** (item.tries - 1) * (0.75 + Math.random() / 2));
}
