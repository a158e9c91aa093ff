// Shows a chosen photo before it is saved, and stops a form with one that is too large: the server would refuse the
// request as a whole, with everything else on the page.

const PHOTOS = 'input[type="file"][data-max-bytes]';

document.addEventListener("change", ({ target }) => {
  if (!target.matches(PHOTOS)) return;
  const [photo] = target.files;
  const tooLarge = photo && photo.size > Number(target.dataset.maxBytes);
  target.setCustomValidity(tooLarge ? target.dataset.tooLarge : "");
  target.reportValidity();

  const cell = target.closest("tr").querySelector(".field-thumbnail p");
  if (!photo || tooLarge || !cell) return;
  const picture = new Image();
  picture.className = "thumbnail";
  picture.alt = "";
  picture.src = URL.createObjectURL(photo);
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
  cell.replaceChildren(picture);
});

// The admin's forms are not validated by the browser, so this asks for it where it matters.
document.addEventListener("submit", (event) => {
  const refused = [...event.target.querySelectorAll(PHOTOS)].find((field) => field.validity.customError);
  if (!refused) return;
  event.preventDefault();
  refused.reportValidity();
});
