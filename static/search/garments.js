// The garments of a photo as dots on it. The links beside it say the same to those who do not see it.

const asPercent = (share) => `${share * 100}%`;

// Marks each garment that `part` has a link to, and puts the box around the one that is searched for. `frame` is the
// part of the photo that was searched, all of it without one; boxes are fractions of it.
export function markGarments(part, frame) {
  const holder = part.querySelector(".query-frame");
  if (!holder) return;
  holder.querySelectorAll(".dot").forEach((dot) => dot.remove());
  const [left, top, width, height] = frame ?? [0, 0, 1, 1];
  for (const link of part.querySelectorAll("[data-garment]")) {
    const [x, y, across, down] = link.dataset.garment.split(",").map(Number);
    const box = [left + x * width, top + y * height, across * width, down * height];
    const dot = document.createElement("a");
    dot.className = "dot";
    dot.href = link.href;
    dot.dataset.narrow = "";
    // Once is enough for the keyboard and for a screen reader.
    dot.tabIndex = -1;
    dot.setAttribute("aria-hidden", "true");
    dot.title = link.textContent.trim();
    dot.style.left = asPercent(box[0] + box[2] / 2);
    dot.style.top = asPercent(box[1] + box[3] / 2);
    if (link.matches("[aria-current]")) {
      dot.dataset.current = "";
      const rect = holder.querySelector(".query-box rect");
      ["x", "y", "width", "height"].forEach((name, place) => rect.setAttribute(name, box[place]));
    }
    holder.append(dot);
  }
}
