// Keys for those who like keys; "?" lists them. Never while typing, never with Ctrl, Alt or Cmd.

const PREFIX_MS = 1_200;
const list = document.getElementById("shortcuts");
let prefixUntil = 0;

const isTyping = (target) => target.isContentEditable || target.matches("input:not([type='checkbox'], [type='radio']), textarea, select");

function go(letter) {
  const address = list?.dataset[`go${letter.toUpperCase()}`];
  if (address) location.assign(address);
  return Boolean(address);
}

function openNew() {
  const buttons = [...document.querySelectorAll("[popovertarget='new-menu']")];
  const button = buttons.find((one) => one.offsetParent) ?? buttons[0];
  button?.click();
  document.querySelector("#new-menu a")?.focus();
  return Boolean(button);
}

function search() {
  const field = document.querySelector("[data-search]");
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

function press(key) {
  if (Date.now() < prefixUntil) {
    prefixUntil = 0;
    return /^[a-z]$/.test(key) && go(key);
  }
  if (key === "g") prefixUntil = Date.now() + PREFIX_MS;
  if (key === "n") return openNew();
  if (key === "/") return search();
  if (key === "?" && list) list.showModal();
  return key === "?";
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (press(event.key)) event.preventDefault();
});
