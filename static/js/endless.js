// Older pictures arrive before one reaches the end, and blocks of pictures far from the screen leave the page until
// one comes back, so that the thousandth block scrolls like the first.

const AHEAD = "1800px 0px";
const FAR = "4000px 0px";
const gallery = document.querySelector("[data-endless]");
const away = new Map();
let width = 0;

const blocks = () => [...gallery.querySelectorAll(":scope > .pictures")];
const older = () => gallery.querySelector("[data-older]");

/** The pictures in the last row of *block*, if it has room for more: at its end, those that are not hidden. */
export function unfinishedRow(block) {
  const shown = [...block.children].filter((picture) => !picture.hidden);
  const last = shown.at(-1);
  const isFull = !last || last.offsetLeft + last.offsetWidth >= block.offsetLeft + block.clientWidth - 2;
  return isFull ? [] : shown.filter((picture) => picture.offsetTop === last.offsetTop);
}

// The last row of a block is rarely full: its pictures move to the block that follows. While a block is the last, its
// last row keeps its height; once it goes on, all its rows are full.
function carryOver(block, next) {
  block.removeAttribute("data-goes-on");
  next.prepend(...unfinishedRow(block));
  block.setAttribute("data-goes-on", "");
}

function settle() {
  restoreAll();
  const all = blocks();
  all.slice(1).forEach((block, at) => carryOver(all[at], block));
  for (const block of all) {
    distance.unobserve(block);
    distance.observe(block);
  }
}

function collapse(block) {
  if (away.has(block) || !block.children.length || block.contains(document.activeElement)) return;
  block.style.blockSize = `${block.offsetHeight}px`;
  away.set(block, [...block.children]);
  block.replaceChildren();
}

function restore(block) {
  if (!away.has(block)) return;
  block.append(...away.get(block));
  away.delete(block);
  block.style.blockSize = "";
}

const restoreAll = () => [...away.keys()].forEach(restore);

const distance = new IntersectionObserver(
  (entries) => entries.forEach(({ target, isIntersecting }) => (isIntersecting ? restore(target) : collapse(target))),
  { rootMargin: FAR },
);

const end = new IntersectionObserver(
  (entries) => { if (entries.some((entry) => entry.isIntersecting)) load(); },
  { rootMargin: AHEAD },
);

async function load() {
  const link = older();
  if (!link || link.getAttribute("aria-busy") === "true") return;
  link.setAttribute("aria-busy", "true");
  try {
    append(link, await fetched(link.dataset.older));
  } catch {
    link.textContent = "Could not load older pictures. Try again";
    link.removeAttribute("aria-busy");
    end.unobserve(link);
  }
}

async function fetched(address) {
  const response = await fetch(address, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
  const elsewhere = response.headers.get("HX-Redirect");
  if (elsewhere) location.assign(elsewhere);
  if (!response.ok || elsewhere) throw new Error(`Answer ${response.status}`);
  const page = document.createElement("template");
  page.innerHTML = await response.text();
  return page.content;
}

function append(link, page) {
  const last = blocks().at(-1);
  const [next] = page.querySelectorAll(".pictures");
  link.replaceWith(page);
  restore(last);
  carryOver(last, next);
  watch();
}

function watch() {
  distance.observe(blocks().at(-1));
  if (older()) end.observe(older());
}

if (gallery) {
  width = gallery.clientWidth;
  watch();
  gallery.addEventListener("click", (event) => {
    if (!event.target.closest("[data-older]")) return;
    event.preventDefault();
    load();
  });
  let timer;
  new ResizeObserver(() => {
    if (gallery.clientWidth === width) return;
    width = gallery.clientWidth;
    clearTimeout(timer);
    timer = setTimeout(settle, 150);
  }).observe(gallery);
  document.addEventListener("pictures-wanted", restoreAll);
  document.addEventListener("pictures-changed", settle);
}
