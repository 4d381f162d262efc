// The files in what was dropped, folders opened, without those that computers hide in folders.

const MOST = 5000;
const LEFT_BY_SYSTEMS = /^(\.|thumbs\.db$|desktop\.ini$)/i;

export const isMeant = (file) => !LEFT_BY_SYSTEMS.test(file.name);

const asFile = (entry) => new Promise((resolve) => entry.file((file) => resolve(Object.assign(file, { place: entry.fullPath })), () => resolve(null)));

// A folder gives its entries in portions, and an empty portion when there are no more.
async function entriesIn(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const portion = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!portion.length) return found;
    found.push(...portion);
  }
}

async function filesUnder(entry) {
  if (entry.isFile) return [await asFile(entry)];
  const found = [];
  for (const inside of await entriesIn(entry)) {
    if (found.length > MOST) break;
    found.push(...(await filesUnder(inside)));
  }
  return found;
}

/** All files in a drop; must be called while the drop event is being handled. */
export async function filesDropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].filter(isMeant);
  const lists = await Promise.all(entries.map(filesUnder));
  return lists.flat().filter(Boolean).filter(isMeant);
}
