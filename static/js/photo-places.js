// Where a photo's tile stands among the photos of the set: in the order in which they came.

const list = document.getElementById("photos");
const TILES = /id="(photo-(\d+))" data-photo="\d+"(?: data-position="(\d+)")?/g;

const place = ({ dataset: { position, photo } }) => Number(position ?? 0) * 2 ** 32 + Number(photo);

function insert(tile) {
  list.insertBefore(tile, [...list.children].find((other) => place(other) > place(tile)) ?? null);
}

/** Put a photo's tile from the server in its place, unless it is there already; returns the one that is there. */
export function insertPhoto(tile) {
  const present = document.getElementById(tile.id);
  if (present) return present;
  insert(tile);
  htmx.process(tile);
  return tile;
}

/** The element that *html*, a tile from our server, describes. */
export function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild;
}

// A photo that another window added or deleted, or that undo brought back, needs a place before htmx looks for it.
document.addEventListener("htmx:beforeSwap", ({ detail: { serverResponse } }) => {
  for (const [, id, photo, position = "0"] of serverResponse.matchAll(TILES)) {
    if (document.getElementById(id)) continue;
    const empty = Object.assign(document.createElement("li"), { id, className: "tile photo" });
    Object.assign(empty.dataset, { photo, position });
    insert(empty);
  }
});
// The browser's own preview stays until there is something better.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const next = fragment.querySelector(".photo");
  if (target.querySelector(":scope > canvas") && next?.dataset.state === "waiting") event.detail.shouldSwap = false;
});
