// Shows a chosen photo before it is saved, and says at once when it is too large: a request that is too large is
// refused as a whole, with everything else on the page.
document.addEventListener("change", ({ target }) => {
  if (!target.matches('input[type="file"][data-max-bytes]')) return;
  const [file] = target.files;
  const tooLarge = file && file.size > Number(target.dataset.maxBytes);
  target.setCustomValidity(tooLarge ? target.dataset.tooLarge : "");
  target.reportValidity();

  const cell = target.closest("tr").querySelector(".field-thumbnail p");
  if (!file || tooLarge || !cell) return;
  const picture = new Image();
  picture.className = "thumbnail";
  picture.alt = "";
  picture.src = URL.createObjectURL(file);
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
  cell.replaceChildren(picture);
});
