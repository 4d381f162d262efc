// The tile of a file on its way: the picture at once, how far it got, and a sentence when something is wrong.

const SIDE = 480;
const DRAWN_AT_ONCE = 2;
const NOTES = 100;
const list = document.getElementById("uploads");
const template = document.getElementById("upload-tile");
const undrawn = [];
const heirs = new WeakMap();
let drawing = 0;

// Full-size photos would fill the memory of a phone, so each is decoded small, two at a time.
async function draw({ file, tile }) {
  drawing += 1;
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: SIDE, resizeQuality: "medium" });
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    (heirs.get(tile) ?? tile).querySelector(".skeleton")?.replaceWith(canvas);
  } catch {
    // The browser cannot show this kind of file (HEIC, TIFF); the server will.
  }
  drawing -= 1;
  drawNext();
}

function drawNext() {
  while (drawing < DRAWN_AT_ONCE && undrawn.length) draw(undrawn.shift());
}

/** A new tile for *file*, at the end of those on their way. */
export function makeTile(file) {
  const tile = template.content.firstElementChild.cloneNode(true);
  tile.querySelector("progress").setAttribute("aria-label", `Sending ${file.name}`);
  tile.querySelector("[data-cancel]").setAttribute("aria-label", `Remove ${file.name}`);
  list.append(tile);
  show(tile, "queued", file.name);
  undrawn.push({ file, tile });
  drawNext();
  return tile;
}

/** A tile before *tile* that says in a *sentence* what became of the file called *name*, which was in a zip. */
export function makeNote(tile, name, sentence, state) {
  if (list.querySelectorAll("[data-from-zip]").length >= NOTES) return;
  const note = template.content.firstElementChild.cloneNode(true);
  note.dataset.fromZip = "";
  note.querySelector("[data-cancel]").setAttribute("aria-label", `Remove the note about ${name}`);
  note.querySelector("[data-cancel]").addEventListener("click", () => note.remove());
  tile.before(note);
  show(note, state, name, sentence);
}

/** Show the tile in *state* (queued, sending, failed, unreadable, known), with a *sentence* about the file called *name*. */
export function show(tile, state, name, sentence = "") {
  tile.dataset.state = state;
  const note = tile.querySelector(".tile-note");
  const title = Object.assign(document.createElement("strong"), { className: "file-name", textContent: name });
  note.replaceChildren(title, ` ${sentence}`);
  tile.querySelector("progress").hidden = ["failed", "unreadable", "known"].includes(state);
  tile.querySelector("[data-retry]").hidden = state !== "failed";
}

/** Let the server's *tile* of the photo take over, with the preview for as long as it waits. */
export function handOver(tile, heir) {
  const preview = tile.querySelector("canvas");
  if (preview && heir.dataset.state === "waiting") heir.querySelector(".skeleton")?.replaceWith(preview);
  heirs.set(tile, heir);
  tile.remove();
}

export function progress(tile, percent) {
  tile.querySelector("progress").value = percent;
}
