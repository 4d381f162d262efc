// While photos of this page are getting ready, changes are asked for more often than the poller does by itself.

const EVERY_MS = 700;
let timer = 0;

const isWaiting = () => document.querySelector('#photos [data-state="waiting"]') !== null;

/** Ask soon, and again until every photo is ready. */
export function hurry() {
  if (!timer) timer = setTimeout(ask, EVERY_MS);
}

function ask() {
  timer = 0;
  if (!isWaiting()) return;
  if (!document.hidden) htmx.trigger("#poller", "poll");
  hurry();
}
