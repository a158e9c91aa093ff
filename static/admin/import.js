// Imports: what cannot be taken back is asked first, and so is an import with columns that were changed and not looked
// at; the form refuses a file that the server would.

document.addEventListener("click", (event) => {
  const question = event.target.closest("[data-confirm]")?.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

const columns = document.querySelector("#columns-form");
// What the server could not read is changed already.
const refused = columns?.hasAttribute("data-changed");
columns?.addEventListener("change", () => columns.toggleAttribute("data-changed", refused || isChanged(columns)));

function isChanged(form) {
  return [...form.querySelectorAll("select")].some((select) => !select.selectedOptions[0].defaultSelected);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-starts]") || !columns?.hasAttribute("data-changed")) return;
  if (!window.confirm(columns.dataset.unsaved)) event.preventDefault();
});

const form = document.querySelector("#import-form");
form?.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  const tooLarge = target.files[0]?.size > Number(form.dataset.maxBytes);
  target.setCustomValidity(tooLarge ? form.dataset.tooLarge : "");
  target.reportValidity();
});
