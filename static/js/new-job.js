// Keeps a draft of the order in this tab: puts it back after a reload or a sign-in that came in between, and offers it
// to somebody who went elsewhere and begins the same order again.
import "./keep.js";

const form = document.querySelector("form[data-order]");
const key = form && `draft:${form.dataset.draft}`;
const skipped = new Set(["csrfmiddlewaretoken", "shown", "seen"]);

function typed() {
  return [...new FormData(form)].filter(([name, value]) => !skipped.has(name) && typeof value === "string");
}

function save(sent) {
  sessionStorage.setItem(key, JSON.stringify({ sent, place: location.search, values: typed() }));
}

function fill(values) {
  for (const [name, value] of values) {
    for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (control.type === "radio") control.checked = control.value === value;
      else if (control.type === "checkbox") control.checked = true;
      else control.value = value;
    }
  }
}

function untick(values) {
  const named = new Set(values.map(([name]) => name));
  for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = named.has(box.name);
}

async function restore({ values }) {
  fill(values);
  await htmx.ajax("POST", form.querySelector("[data-fields]").getAttribute("hx-post"), {
    source: form, target: "#order", swap: "morph", select: "#order", selectOOB: "#summary:morph",
  });
  fill(values);
  untick(values);
  document.getElementById("draft-offer").hidden = true;
  document.getElementById("draft-note").hidden = false;
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function offer(draft) {
  document.getElementById("draft-offer").hidden = false;
  form.addEventListener("click", ({ target }) => { if (target.closest("[data-draft-restore]")) restore(draft); });
}

const cameFromSignIn = () => new URL(document.referrer || "about:blank").pathname.startsWith("/account/");
const cameBack = () => ["reload", "back_forward"].includes(performance.getEntriesByType("navigation")[0]?.type);

function begin() {
  const draft = JSON.parse(sessionStorage.getItem(key) ?? "null");
  const isHere = draft && !draft.sent && draft.place === location.search;
  if (draft && cameFromSignIn()) restore(draft);
  else if (isHere && cameBack()) restore(draft);
  else if (isHere) offer(draft);
  else if (draft?.sent) sessionStorage.removeItem(key);
  form.addEventListener("input", () => save(false));
  form.addEventListener("submit", () => save(true));
}

if (form) begin();
