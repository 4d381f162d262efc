// Files that were chosen and not sent yet, kept by the browser so that a reload, a crash or an empty battery does not
// lose them. A browser that keeps nothing (private windows, no room) only loses this comfort.

const DAYS = 2;
let opened;

const answer = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("uploads", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files", { keyPath: "nonce" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

const files = async (mode) => (await database()).transaction("files", mode).objectStore("files");

async function quietly(work, otherwise) {
  try {
    return await work();
  } catch {
    return otherwise;
  }
}

const owner = (form) => `${form.getAttribute("action")} ${form.dataset.sender}`;

/** Keep *file* until `forget` is called with its *nonce*. */
export function keep(form, { file, text, nonce, position }) {
  const entry = { nonce, position, file, text, name: file.name, owner: owner(form), at: Date.now() };
  return quietly(async () => answer((await files("readwrite")).put(entry)));
}

/** The file with *nonce* is settled. */
export function forget(nonce) {
  return quietly(async () => answer((await files("readwrite")).delete(nonce)));
}

/** What the same sender had not sent to the same place, in the order in which it was chosen. */
export async function kept(form) {
  const all = await quietly(async () => answer((await files("readonly")).getAll()), []);
  const old = Date.now() - DAYS * 86_400_000;
  for (const entry of all) if (entry.at < old) forget(entry.nonce);
  return all.filter((entry) => entry.at >= old && entry.owner === owner(form)).sort((one, other) => one.position - other.position);
}
