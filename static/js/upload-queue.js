// Sends files three at a time. What fails for no fault of the file is tried again by itself, then on request.
import { insertPhoto, parsed } from "./photo-places.js";
import { handOver, progress, show } from "./upload-tile.js";

const AT_ONCE = 3;
const TRIES = 4;
const queue = [];
const failed = new Set();
let sending = 0;
let resting = 0;

const SIGNED_OUT = "It could not be sent: you may be signed out. Reload the page and add it again.";
const NO_ANSWER = "It could not be sent. Check the connection and try again.";

/** How many files are not settled yet. */
export const unsent = () => queue.length + sending + resting;

/** How many files wait for somebody to try again, or for the network. */
export const stuck = () => failed.size;

/** Send *file* to where *form* posts, showing how it goes on *tile*. */
export function enqueue(form, file, tile) {
  const position = form.elements.position.value++;
  const item = { form, file, tile, position, nonce: crypto.getRandomValues(new Uint32Array(4)).join("-"), tries: 0 };
  tile.querySelector("[data-cancel]").addEventListener("click", () => cancel(item));
  tile.querySelector("[data-retry]").addEventListener("click", () => again(item));
  const limit = Number(form.dataset.maxMb);
  if (file.size > limit * 1024 * 1024) refuse(item, `This file is larger than ${limit} MB. Save a smaller copy and send that.`);
  else queue.push(item);
  next();
}

/** Try everything again that failed, for example because the network is back. */
export function retryFailed() {
  for (const item of failed) again(item);
}

function next() {
  while (sending < AT_ONCE && queue.length) send(queue.shift());
}

function again(item) {
  if (!failed.delete(item)) return;
  item.tries = 0;
  show(item.tile, "queued", item.file.name);
  queue.push(item);
  next();
}

function cancel(item) {
  item.cancelled = true;
  item.form.dispatchEvent(new CustomEvent("upload:taken-back"));
  failed.delete(item);
  if (queue.includes(item)) queue.splice(queue.indexOf(item), 1);
  item.request?.abort();
  item.tile.remove();
  settled(item);
}

function send(item) {
  const request = item.request = new XMLHttpRequest();
  const body = new FormData();
  body.append("csrfmiddlewaretoken", item.form.elements.csrfmiddlewaretoken.value);
  body.append("nonce", item.nonce);
  body.append("position", item.position);
  body.append("photos", item.file, item.file.name);
  sending += 1;
  item.tries += 1;
  show(item.tile, "sending", item.file.name);
  request.upload.addEventListener("progress", ({ loaded, total }) => progress(item.tile, (100 * loaded) / total));
  request.addEventListener("loadend", () => ended(item, request));
  request.open("POST", item.form.action);
  request.setRequestHeader("Accept", "application/json");
  request.send(body);
}

function ended(item, request) {
  sending -= 1;
  if (!item.cancelled) judge(item, request.status, answerOf(request));
  next();
  settled(item);
}

function answerOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return null;
  }
}

function judge(item, status, answer) {
  if (answer?.photos?.length) finish(item, answer.photos[0]);
  else if (answer?.refused?.length) refuse(item, answer.refused[0].sentence);
  else if (status === 413) refuse(item, "This file is too large for this server.");
  else if (status === 404) fail(item, "It could not be sent: this set is no longer there.");
  else if (status >= 200 && status < 500 && status !== 408 && status !== 429) fail(item, SIGNED_OUT);
  else stumble(item);
}

function finish(item, photo) {
  handOver(item.tile, insertPhoto(parsed(photo.tile)));
}

function refuse(item, sentence) {
  item.form.dispatchEvent(new CustomEvent("upload:refused"));
  show(item.tile, "unreadable", item.file.name, sentence);
}

function fail(item, sentence) {
  failed.add(item);
  show(item.tile, "failed", item.file.name, sentence);
}

// The nonce makes a second try harmless, even when the first one arrived and only its answer was lost.
function stumble(item) {
  if (item.tries >= TRIES) return fail(item, NO_ANSWER);
  show(item.tile, "queued", item.file.name);
  resting += 1;
  setTimeout(() => {
    resting -= 1;
    if (!item.cancelled) queue.push(item);
    next();
    settled(item);
  }, 1000 * 2 ** (item.tries - 1) * (0.75 + Math.random() / 2));
}

function settled(item) {
  item.form.dispatchEvent(new CustomEvent("upload:settled"));
}
