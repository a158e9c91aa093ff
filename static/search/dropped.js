// Photos that are dropped onto the page or pasted into it.

// Calls `take` with each, and marks `page` while one is held over it.
export function takeDropped(page, take) {
  document.addEventListener("paste", ({ clipboardData }) => {
    const [photo] = clipboardData?.files ?? [];
    if (photo) take(photo);
  });

  // The whole page takes a dropped photo: one that misses the frame must not replace the page.
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      page.classList.toggle("dragging", type === "dragenter" || type === "dragover");
      const [photo] = event.dataTransfer.files;
      if (type === "drop" && photo) take(photo);
    });
  }
}
