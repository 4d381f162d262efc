// Where a photo's tile stands among the photos of the set: in the order in which they came.

const list = document.getElementById("photos");
const number = (tile) => Number(tile.dataset.photo);
const TILES = /id="(photo-(\d+))" data-photo=/g;

function place(tile) {
  list.insertBefore(tile, [...list.children].find((other) => number(other) > number(tile)) ?? null);
}

/** Put a photo's tile from the server in its place, unless it is there already; *preview* shows until it is ready. */
export function insertPhoto(tile, preview) {
  const present = document.getElementById(tile.id);
  const shown = present ?? tile;
  if (preview && shown.dataset.state === "waiting") shown.querySelector(".skeleton")?.replaceWith(preview);
  if (present) return;
  place(tile);
  htmx.process(tile);
}

/** The element that *html*, a tile from our server, describes. */
export function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild;
}

// A photo that another window added or deleted, or that undo brought back, needs a place before htmx looks for it.
document.addEventListener("htmx:beforeSwap", ({ detail: { serverResponse } }) => {
  for (const [, id, photo] of serverResponse.matchAll(TILES)) {
    if (document.getElementById(id)) continue;
    const empty = Object.assign(document.createElement("li"), { id, className: "tile photo" });
    empty.dataset.photo = photo;
    place(empty);
  }
});
