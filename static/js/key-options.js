// Of several providers' options, only those of the chosen one are shown.

function show(form) {
  const chosen = form.querySelector("input[name=provider]:checked")?.value;
  for (const options of form.querySelectorAll("[data-options-of]")) {
    options.hidden = options.dataset.optionsOf !== chosen;
    options.disabled = options.hidden;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.name === "provider") show(event.target.form);
});

for (const form of document.querySelectorAll("form:has([data-options-of])")) show(form);
