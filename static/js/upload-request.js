// One part of a file goes up, and what the server says about it comes back.

const SMALL = 512 * 1024; // what a proxy before the server takes that nobody set up for uploads (nginx: 1 MB with all fields)
let most = 2 * 1024 * 1024;

function body({ form, file, text, nonce, position, offset, entry }, part) {
  const fields = { csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, nonce, position, offset, entry, size: file.size, name: file.name };
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  if (part.size) data.append("photos", part, file.name);
  if (text) data.append("text", text, text.name);
  return data;
}

/** Send the part of *item* that begins at its offset, or nothing where it asks how far it is; *progress* gets percents, *done* a status and an answer. */
export function sendPart(item, progress, done) {
  const part = item.asks && item.file.size > most ? new Blob() : item.file.slice(item.offset, item.offset + most);
  const request = item.request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded }) => progress((100 * (item.offset + Math.min(loaded, part.size))) / item.file.size));
  request.addEventListener("loadend", () => {
    const answer = parsed(request.responseText);
    if (request.status !== 413 || answer?.refused || part.size <= SMALL) return done(request.status, answer);
    most = SMALL;
    sendPart(item, progress, done);
  });
  request.open("POST", item.form.action);
  request.setRequestHeader("Accept", "application/json");
  request.send(body(item, part));
}

/** Tell the server that *item* is not wanted any more. */
export function takeBack(item) {
  const data = body(item, new Blob());
  data.append("taken_back", "1");
  fetch(item.form.action, { method: "POST", body: data, headers: { Accept: "application/json" }, keepalive: true }).catch(() => {});
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
