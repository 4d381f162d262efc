// Photos are dropped anywhere on the page, chosen, pasted or taken, and go up one by one while the page stays usable.
import { filesDropped, isMeant } from "./upload-drop.js";
import { hurry } from "./upload-hurry.js";
import { kept } from "./upload-kept.js";
import { enqueue, retryFailed, stuck, unsent } from "./upload-queue.js";
import { paired, withoutCompanions } from "./upload-texts.js";
import { makeTile } from "./upload-tile.js";

const form = document.querySelector("[data-upload]");
const curtain = document.querySelector("[data-drop-curtain]");
const status = document.querySelector("[data-upload-status]");
const count = { chosen: 0, refused: 0, known: 0, left: 0, captions: 0, companions: 0 };
let depth = 0;

function add(chosen) {
  const files = withoutCompanions(chosen);
  count.companions += chosen.length - files.length;
  const here = document.querySelectorAll('#photos > .photo:not([data-state="unreadable"])').length;
  const places = Math.max(0, Number(form.dataset.most ?? Infinity) - here - unsent());
  const brought = "captions" in form.dataset ? paired(files) : files.map((file) => [file]);
  for (const [file, text] of brought.slice(0, places)) enqueue(form, file, makeTile(file), null, text);
  count.chosen += Math.min(brought.length, places);
  count.left += Math.max(0, brought.length - places);
  tell();
}

const photos = (number) => `${number} photo${number === 1 ? "" : "s"}`;

function tell() {
  const waiting = stuck();
  const left = unsent();
  const { chosen, refused, known } = count;
  status.hidden = !chosen && !count.left && !count.captions && !count.companions;
  if (status.hidden) return;
  if (left) status.textContent = `Sending ${Math.min(Math.max(chosen - left - waiting, 0) + 1, chosen)} of ${chosen} …`;
  else if (waiting) status.textContent = `${photos(waiting)} of ${chosen} not sent yet. Once the connection is back, this goes on by itself.`;
  else status.textContent = `${chosen ? `${photos(chosen - refused - known)} sent.` : ""}${known ? ` ${known} ${known === 1 ? "was" : "were"} here already.` : ""}${refused ? ` ${refused} of these could not be used.` : ""}`;
  if (count.captions) status.textContent += ` ${count.captions} caption${count.captions === 1 ? "" : "s"} taken.`;
  if (count.left) status.textContent += ` ${count.left} more would not fit into this set and were left out.`;
  if (count.companions) status.textContent += ` Left out: ${count.companions === 1 ? "one file that belongs" : `${count.companions} files that belong`} to Live Photos (.MOV, .AAE).`;
  if (!left && !waiting) for (const name of Object.keys(count)) count[name] = 0;
}

const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");

function showCurtain(change) {
  depth = Math.max(0, depth + change);
  curtain.hidden = depth === 0;
}

// What is pasted is always called image.png.
function named(file, number) {
  const name = `Pasted ${new Date().toLocaleTimeString("en-GB").replaceAll(":", ".")}${number ? ` (${number + 1})` : ""}`;
  return /^image\.\w+$/.test(file.name) ? new File([file], file.name.replace("image", name), { type: file.type }) : file;
}

function take(input) {
  add([...input.files].filter(isMeant));
  input.value = "";
}

form.addEventListener("change", ({ target }) => { if (target.type === "file") take(target); });
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("upload:refused", ({ detail: { known } }) => { count[known ? "known" : "refused"] += 1; });
form.addEventListener("upload:captioned", () => { count.captions += 1; });
form.addEventListener("upload:taken-back", () => { count.chosen = Math.max(0, count.chosen - 1); });
form.addEventListener("upload:unpacked", ({ detail: { photos: sent, refused, companions } }) => {
  count.companions += companions;
  const known = refused.filter((one) => one.known).length;
  count.chosen += sent + refused.length;
  count.known += known;
  count.refused += refused.length - known;
});
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
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length) return;
  event.preventDefault();
  add(files.map(named));
});

addEventListener("online", retryFailed);
addEventListener("beforeunload", (event) => { if (unsent()) event.preventDefault(); });
hurry();
for (const former of await kept(form)) {
  count.chosen += 1;
  const file = former.file.name ? former.file : new File([former.file], former.name);
  enqueue(form, file, makeTile(file), former, former.text);
}
// Whoever is quicker than this script has chosen already, and nobody was there to hear of it.
for (const input of form.querySelectorAll("input[type=file]")) take(input);
tell();
