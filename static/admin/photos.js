// Photos in the admin's form of an article: several are chosen at once, each is shown before it is saved, and a form
// with one that is too large is stopped. The server would refuse such a request as a whole, with all else on the page.

const PHOTOS = 'input[type="file"][data-max-bytes]';

function show(photo, row) {
  const cell = row.querySelector(".field-thumbnail p");
  if (!cell) return;
  const picture = new Image();
  picture.className = "thumbnail";
  picture.alt = "";
  picture.src = URL.createObjectURL(photo);
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
  cell.replaceChildren(picture);
}

// Each photo has a row of its own, with its text and its place.
function spread(field) {
  const [first, ...others] = field.files;
  hold(field, first);
  for (const photo of others) {
    const group = field.closest(".inline-group");
    group.querySelector(".add-row a").click();
    const rows = group.querySelectorAll("tr.form-row:not(.empty-form)");
    hold(rows[rows.length - 1].querySelector(PHOTOS), photo);
  }
}

function hold(field, photo) {
  const held = new DataTransfer();
  held.items.add(photo);
  field.files = held.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function allowSeveral(root) {
  for (const field of root.querySelectorAll(PHOTOS)) field.multiple = true;
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches(PHOTOS)) return;
  if (target.files.length > 1) return spread(target);
  const [photo] = target.files;
  const tooLarge = photo && photo.size > Number(target.dataset.maxBytes);
  target.setCustomValidity(tooLarge ? target.dataset.tooLarge : "");
  target.reportValidity();
  if (photo && !tooLarge) show(photo, target.closest("tr"));
});

// The admin's forms are not validated by the browser, so this asks for it where it matters.
document.addEventListener("submit", (event) => {
  const refused = [...event.target.querySelectorAll(PHOTOS)].find((field) => field.validity.customError);
  if (!refused) return;
  event.preventDefault();
  refused.reportValidity();
});

document.addEventListener("formset:added", ({ target }) => allowSeveral(target));
allowSeveral(document);
