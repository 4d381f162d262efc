// Photos are dropped anywhere on the page, chosen or taken, and go up one by one while the page stays usable.
import { filesDropped } from "./upload-drop.js";
import { hurry } from "./upload-hurry.js";
import { enqueue, retryFailed, stuck, unsent } from "./upload-queue.js";
import { makeTile } from "./upload-tile.js";

const form = document.querySelector("[data-upload]");
const curtain = document.querySelector("[data-drop-curtain]");
const status = document.querySelector("[data-upload-status]");
let chosen = 0;
let refused = 0;
let depth = 0;

function add(files) {
  for (const file of files) {
    chosen += 1;
    enqueue(form, file, makeTile(file));
  }
  tell();
}

const photos = (count) => `${count} photo${count === 1 ? "" : "s"}`;

function tell() {
  const left = unsent();
  const waiting = stuck();
  status.hidden = chosen === 0;
  if (!chosen) return;
  if (left) status.textContent = `Sending ${Math.min(chosen - left - waiting + 1, chosen)} of ${chosen} …`;
  else if (waiting) status.textContent = `${photos(waiting)} of ${chosen} not sent yet. Once the connection is back, this goes on by itself.`;
  else status.textContent = `${photos(chosen - refused)} sent.${refused ? ` ${refused} could not be used.` : ""}`;
  if (!left && !waiting) chosen = refused = 0;
}

const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");

function showCurtain(change) {
  depth = Math.max(0, depth + change);
  curtain.hidden = depth === 0;
}

form.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  add([...target.files]);
  target.value = "";
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("upload:refused", () => { refused += 1; });
form.addEventListener("upload:taken-back", () => { chosen = Math.max(0, chosen - 1); });
form.addEventListener("upload:settled", () => { tell(); hurry(); });

document.addEventListener("dragenter", (event) => { if (bringsFiles(event)) showCurtain(1); });
document.addEventListener("dragleave", (event) => { if (bringsFiles(event)) showCurtain(-1); });
document.addEventListener("dragover", (event) => { if (bringsFiles(event)) event.preventDefault(); });
document.addEventListener("drop", async (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  depth = 0;
  showCurtain(0);
  add(await filesDropped(event.dataTransfer));
});

addEventListener("online", retryFailed);
addEventListener("beforeunload", (event) => { if (unsent()) event.preventDefault(); });
hurry();
