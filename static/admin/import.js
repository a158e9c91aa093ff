// Imports: what cannot be taken back is asked first, and the form refuses a file that the server would.

document.addEventListener("click", (event) => {
  const question = event.target.closest("[data-confirm]")?.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

const form = document.querySelector("#import-form");
form?.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  const tooLarge = target.files[0]?.size > Number(form.dataset.maxBytes);
  target.setCustomValidity(tooLarge ? form.dataset.tooLarge : "");
  target.reportValidity();
});
