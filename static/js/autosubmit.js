// <form data-autosubmit>: changing a control applies it. Where the form searches as one types, text has been sent.

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && !(form.hasAttribute("hx-get") && event.target.type === "search")) form.requestSubmit();
});
