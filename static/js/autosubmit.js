// <form data-autosubmit>: changing a control applies it. Text waits for Enter or for leaving the field.

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form) form.requestSubmit();
});
