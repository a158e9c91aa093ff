// Piles of photos: too large a pile is refused before it is sent; the table saves itself, and is used by keyboard.

const SAVE_AFTER_MS = 400;

document.addEventListener("change", ({ target }) => {
  const form = target.closest("#pile-form");
  if (!form || target.type !== "file") return;
  const size = [...target.files].reduce((sum, file) => sum + file.size, 0);
  target.setCustomValidity(size > Number(form.dataset.maxBytes) ? form.dataset.tooLarge : "");
  target.reportValidity();
});

// What moves photos changes the rows themselves, so it waits for the button.
const movesPhotos = ({ name }) => name.startsWith("photo-") || name.startsWith("choose-");

// One save at a time, or an older one could be written last.
let waiting, saving = false, changed = false;
document.addEventListener("input", ({ target }) => {
  const form = target.closest("#pile-table");
  if (!form || movesPhotos(target)) return;
  changed = true;
  form.querySelector("[data-state]").textContent = form.dataset.saving;
  clearTimeout(waiting);
  waiting = setTimeout(() => save(form), SAVE_AFTER_MS);
});
document.addEventListener("submit", () => { changed = false; clearTimeout(waiting); });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

async function save(form) {
  if (saving) {
    waiting = setTimeout(() => save(form), SAVE_AFTER_MS);
    return;
  }
  saving = true;
  changed = false;
  const state = form.querySelector("[data-state]");
  const values = new FormData(form);
  for (const name of [...values.keys()]) if (movesPhotos({ name })) values.delete(name);
  try {
    const response = await fetch(form.action, { method: "POST", body: values, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(response.statusText);
    const { errors } = await response.json();
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const name of Object.keys(errors)) {
      form.elements[name]?.setAttribute?.("aria-invalid", "true");
    }
    const wrong = Object.values(errors).flat().join(" ");
    if (!changed) state.textContent = wrong || form.dataset.saved;
  } catch {
    changed = true;
    state.textContent = form.dataset.unsaved;
  } finally {
    saving = false;
  }
}

// Up and down lead to the same field of the next article, as in a spreadsheet.
document.addEventListener("keydown", (event) => {
  const field = event.target.closest("#pile-table input[type=text]");
  if (!field || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const kind = field.name.startsWith("photo-") ? "photo-" : field.name.replace(/^g\d+/, "");
  const same = [...document.querySelectorAll("#pile-table input[type=text]")].filter(
    ({ name }) => (kind === "photo-" ? name.startsWith(kind) : name.endsWith(kind)),
  );
  const next = same[same.indexOf(field) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
});
