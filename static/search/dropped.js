// Photos that are dropped onto a page or pasted into it.

// Of HEIC files some systems know no type: the server knows better.
const isPicture = ({ type }) => type === "" || type.startsWith("image/");

// What is pasted into a field as text stays text, also where a picture of it comes along, as from a spreadsheet.
const goesIntoField = ({ target, clipboardData }) =>
  target.closest?.("input, textarea, select, [contenteditable]") && clipboardData.types.some((type) => type.startsWith("text/"));

// Calls `take` with each, and marks `page` while one is held over it. What is no picture is left alone.
export function takeDropped(page, take) {
  // A picture of the page itself that is dragged about is no new photo, though browsers offer it as a file.
  let own = false;
  addEventListener("dragstart", () => (own = true));
  addEventListener("dragend", () => (own = false));

  document.addEventListener("paste", (event) => {
    const photo = [...(event.clipboardData?.files ?? [])].find(isPicture);
    if (!photo || goesIntoField(event)) return;
    event.preventDefault();
    take(photo);
  });

  // The whole page takes a dropped photo: one that misses the frame must not replace the page.
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      const { dataTransfer, relatedTarget } = event;
      if (own || !dataTransfer?.types.includes("Files")) return;
      // Some browsers say what is held only as it is let go.
      const held = [...dataTransfer.items].filter(({ kind }) => kind === "file");
      if (held.length && !held.some(isPicture)) return;
      event.preventDefault();
      // From one element to the next is not out of the page.
      if (type !== "dragleave" || !relatedTarget) {
        page.classList.toggle("dragging", type === "dragenter" || type === "dragover");
      }
      const photo = [...dataTransfer.files].find(isPicture);
      if (type === "drop" && photo) take(photo);
    });
  }
}
