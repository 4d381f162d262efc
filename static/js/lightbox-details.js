// What made a picture, as its own page says it, fetched once and kept for a while.

const MOST_KEPT = 60;
const kept = new Map();

/** The details of the picture that *link* leads to, as a new element each time; null when they could not be had. */
export async function asked({ dataset: { id }, href }) {
  if (!kept.has(id)) keep(id, fetched(href));
  const text = await kept.get(id);
  if (text === null) forget(id);
  const holder = document.createElement("template");
  holder.innerHTML = text ?? "";
  return holder.content.firstElementChild;
}

/** Ask again the next time: something about the picture changed. */
export const forget = (id) => kept.delete(String(id));

function keep(id, text) {
  kept.set(id, text);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
}

async function fetched(address) {
  try {
    const response = await fetch(address, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) location.assign(elsewhere);
    return response.ok && !elsewhere ? await response.text() : null;
  } catch {
    return null;
  }
}
