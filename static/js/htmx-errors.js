// A request that went wrong in the background says so. The poller has its own sign.

import { flash } from "./flash.js";

const SENTENCES = {
  400: "That could not be read. Nothing was changed. Reload the page and try again.",
  403: "You are not allowed to do that, or this page was open for too long. Reload it and try again.",
  404: "That is no longer there. Reload the page to see what is.",
  413: "That is too large to send. Nothing was changed.",
  429: "That was a little too often. Wait a moment and try again.",
};
const SERVER = "Something went wrong on our side. Nothing you typed is lost; try again in a moment.";
const NETWORK = "There is no connection to Likeness at the moment. Check the network and try again.";

const isPoller = (event) => event.detail.elt?.id === "poller" || event.target.id === "poller";

function say(sentence) {
  return (event) => { if (!isPoller(event)) flash({ text: sentence(event), tone: "bad" }); };
}

document.addEventListener("htmx:responseError", say(({ detail }) => SENTENCES[detail.xhr.status] ?? SERVER));
document.addEventListener("htmx:sendError", say(() => NETWORK));
document.addEventListener("htmx:timeout", say(() => NETWORK));
document.addEventListener("htmx:swapError", say(() => SERVER));
