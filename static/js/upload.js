// Photos are dropped anywhere on the page, chosen or taken, and go up one by one while the page stays usable.
import { filesDropped } from "./upload-drop.js";
import { hurry } from "./upload-hurry.js";
import { enqueue, retryFailed, unsent } from "./upload-queue.js";
import { makeTile } from "./upload-tile.js";

const form = document.querySelector("[data-upload]");
const curtain = document.querySelector("[data-drop-curtain]");
const status = document.querySelector("[data-upload-status]");
let chosen = 0;
let depth = 0;

function add(files) {
  for (const file of files) {
    chosen += 1;
    enqueue(form, file, makeTile(file));
  }
  tell();
}

function tell() {
  const left = unsent();
  status.hidden = chosen === 0;
  status.textContent = left ? `Sending ${chosen - left + 1} of ${chosen} …` : `${chosen} file${chosen === 1 ? "" : "s"} sent.`;
  if (!left) chosen = 0;
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
