// Where a photo's tile stands among the photos of the set: in the order in which they came.

const list = document.getElementById("photos");
const number = (tile) => Number(tile.dataset.photo);

/** Put a photo's tile from the server in its place, unless it is there already. */
export function insertPhoto(tile, preview = null) {
  if (!(tile instanceof Element) || !tile.matches(".photo[data-photo]")) return;
  const present = document.getElementById(tile.id);
  const shown = present ?? tile;
  if (preview && shown.dataset.state === "waiting") shown.querySelector(".skeleton")?.replaceWith(preview);
  if (present) return;
  list.insertBefore(tile, [...list.children].find((other) => number(other) > number(tile)) ?? null);
  htmx.process(tile);
}

/** The element that *html*, a tile from our server, describes. */
export function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild;
}
