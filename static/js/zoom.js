// A photo of an article, as large as the window, and closer. Without this module the link shows the picture alone.

const CLOSER = [1, 1.75, 3];

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
    nearer.disabled = step === CLOSER.length - 1;
    whole.disabled = step === 0;
    view.scrollTo({
      left: x * picture.offsetWidth - view.clientWidth / 2,
      top: y * picture.offsetHeight - view.clientHeight / 2,
      behavior: "instant",
    });
    if (document.activeElement?.disabled) view.focus();
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
    dialog.showModal();
    zoomTo(0);
    view.focus();
  });
  picture.addEventListener("click", ({ offsetX, offsetY }) => {
    zoomTo((step + 1) % CLOSER.length, [offsetX / picture.offsetWidth, offsetY / picture.offsetHeight]);
  });
  nearer.addEventListener("click", () => zoomTo(Math.min(step + 1, CLOSER.length - 1)));
  whole.addEventListener("click", () => zoomTo(0));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", ({ key }) => {
    if (key === "+" || key === "=") zoomTo(Math.min(step + 1, CLOSER.length - 1));
    else if (key === "-" || key === "0") zoomTo(0);
  });
}

document.querySelectorAll("[data-gallery]:has([data-zoom])").forEach(equip);
