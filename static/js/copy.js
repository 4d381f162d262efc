// data-copy="#id" copies that element's text, data-copy-text="…" a text of its own; the button says that it did.

import { flash } from "./flash.js";

const SHOWN_MS = 1600;

function source(button) {
  if (button.dataset.copyText !== undefined) return button.dataset.copyText;
  const element = document.querySelector(button.dataset.copy);
  return element?.value ?? element?.textContent.trim() ?? "";
}

function confirm(button) {
  if (button.dataset.copied) return;
  const nodes = [...button.childNodes];
  const label = button.getAttribute("aria-label");
  button.dataset.copied = "true";
  button.style.minInlineSize = `${button.offsetWidth}px`;
  button.replaceChildren("Copied");
  button.removeAttribute("aria-label");
  setTimeout(() => {
    button.replaceChildren(...nodes);
    if (label) button.setAttribute("aria-label", label);
    button.style.minInlineSize = "";
    delete button.dataset.copied;
  }, SHOWN_MS);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-text]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(source(button));
    confirm(button);
  } catch {
    flash({ text: "This browser did not allow copying. Select the text and copy it by hand.", tone: "warn" });
  }
});
