// Asks the server for changes while the page is looked at: often when something runs, slower the longer nothing happens.
import "./keep.js";

const SLOWEST = 15;
const PATIENCE = 20;
let timer = 0;
let asking = false;
let unchanged = 0;
let failures = 0;

const poller = () => document.querySelector("#poller[hx-get]");

function seconds() {
  const pace = Number(poller().dataset.pollSeconds) || 5;
  if (failures) return Math.min(pace * 2 ** failures, 30) * (0.75 + Math.random() / 2);
  return pace > 3 && unchanged > PATIENCE ? Math.min(pace * 3, SLOWEST) : pace;
}

function plan() {
  clearTimeout(timer);
  if (poller() && !document.hidden) timer = setTimeout(ask, seconds() * 1000);
}

function ask() {
  clearTimeout(timer);
  if (poller() && !asking && !document.hidden) htmx.trigger(poller(), "poll");
}

const isOurs = (event) => event.detail.requestConfig?.elt?.id === "poller";

function answered({ status }) {
  asking = false;
  unchanged = status === 204 ? unchanged + 1 : 0;
  failures = status >= 200 && status < 400 ? 0 : failures + 1;
  document.documentElement.toggleAttribute("data-offline", failures > 1);
  if (status !== 403 && status !== 404) plan();
}

document.addEventListener("htmx:beforeRequest", (event) => { if (isOurs(event)) asking = true; });
document.addEventListener("htmx:afterRequest", (event) => { if (isOurs(event)) answered(event.detail.xhr); });
document.addEventListener("visibilitychange", () => {
  unchanged = 0;
  if (document.hidden) clearTimeout(timer);
  else ask();
});
plan();
