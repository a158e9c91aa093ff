// A photo of an article, as large as the window, and closer. Without this module the link shows the picture alone.

import { isDisabled, setDisabled } from "./focus.js";

const CLOSER = [1, 1.75, 3];
const SCROLL_PX = 60;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function equip(gallery) {
  const dialog = gallery.querySelector("[data-zoom]");
  const view = dialog.querySelector(".zoom-view");
  const picture = view.appendChild(new Image());
  const [nearer, whole, close] = ["in", "out", "close"].map((name) => dialog.querySelector(`[data-zoom-${name}]`));
  let step = 0;

  // Keeps in the middle what is there, or was pointed at: [x, y] as fractions of the picture.
  function zoomTo(next, [x, y] = middle()) {
    step = next;
    picture.style.width = step ? `${CLOSER[step] * 100}%` : "";
    picture.style.maxHeight = step ? "none" : "";
    setDisabled(nearer, step === CLOSER.length - 1);
    setDisabled(whole, step === 0);
    view.scrollTo({
      left: x * picture.offsetWidth - view.clientWidth / 2,
      top: y * picture.offsetHeight - view.clientHeight / 2,
      behavior: "instant",
    });
  }

  function middle() {
    const x = (view.scrollLeft + view.clientWidth / 2) / (picture.offsetWidth || 1);
    const y = (view.scrollTop + view.clientHeight / 2) / (picture.offsetHeight || 1);
    return [x, y];
  }

  gallery.addEventListener("click", (event) => {
    const link = event.target.closest("[data-enlarge]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    picture.src = link.href;
    picture.alt = link.querySelector("img")?.alt ?? "";
    // The dialog gives the focus back to what had it. A click alone does not focus a link in every browser.
    link.focus({ preventScroll: true });
    dialog.showModal();
    zoomTo(0);
    view.focus();
  });
  picture.addEventListener("click", ({ offsetX, offsetY }) => {
    zoomTo((step + 1) % CLOSER.length, [offsetX / picture.offsetWidth, offsetY / picture.offsetHeight]);
  });
  nearer.addEventListener("click", () => isDisabled(nearer) || zoomTo(step + 1));
  whole.addEventListener("click", () => isDisabled(whole) || zoomTo(0));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "+" || event.key === "=") nearer.click();
    else if (event.key === "-" || event.key === "0") whole.click();
    // The browser scrolls the picture itself where the picture has the focus; from a button this does.
    else if (event.key in ARROWS && event.target !== view) {
      event.preventDefault();
      const [x, y] = ARROWS[event.key];
      view.scrollBy({ left: x * SCROLL_PX, top: y * SCROLL_PX });
    }
  });
}

document.querySelectorAll("[data-gallery]:has([data-zoom])").forEach(equip);
