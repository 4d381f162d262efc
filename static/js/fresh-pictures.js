// When addresses of pictures have ended, since somebody left the workspace, an open page asks for new ones.

const EVERY_MS = 60_000;
let asked = -EVERY_MS;

document.addEventListener("error", ({ target }) => {
  if (!target.matches?.("#main img") || !new URL(target.src).pathname.startsWith("/m/")) return;
  if (performance.now() - asked < EVERY_MS || !navigator.onLine) return;
  asked = performance.now();
  htmx.ajax("GET", location.href, { target: "#main", select: "#main", swap: "morph:outerHTML" });
}, true);
