// Of several providers' options and explanations, only those of the chosen one are shown.

function show(form) {
  const chosen = form.querySelector("input[name=provider]:checked")?.value;
  for (const options of document.querySelectorAll("[data-options-of]")) {
    options.hidden = options.dataset.optionsOf !== chosen;
    options.disabled = options.hidden;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.name === "provider") show(event.target.form);
});

for (const form of document.querySelectorAll("form:has(input[name=provider])")) show(form);
