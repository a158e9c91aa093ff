// The photos of an article in a viewer as large as the window. Without this module a link shows the largest picture alone.

import { isDisabled, setDisabled } from "./focus.js";
import { takeGestures } from "./gestures.js";
import { MOST_SCALE, Placement } from "./placement.js";

const STEP = 1.5;
const DOUBLE_TAP_SCALE = 2.5;
const ARROW_PX = 80;
// What is seen moves against the arrow: the right one shows more of the right.
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function equip(gallery) {
  const links = [...gallery.querySelectorAll("[data-enlarge]")];
  const dialog = gallery.querySelector("[data-zoom]");
  const part = (name) => dialog.querySelector(`[data-zoom-${name}]`);
  const [view, count, nearer, whole, previous, next] = ["view", "count", "in", "fit", "previous", "next"].map(part);
  const picture = view.appendChild(new Image());
  const placement = new Placement();
  let shown = 0;
  // Of the photo that is shown. Its renditions are rounded to whole pixels: the large one takes the place of the first.
  let size = null;

  function draw({ gliding = false } = {}) {
    const { scale, left, top, whole: box } = placement;
    picture.classList.toggle("gliding", gliding);
    picture.style.width = `${box.width}px`;
    picture.style.height = `${box.height}px`;
    picture.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    view.classList.toggle("zoomed", scale > 1);
    setDisabled(nearer, scale >= MOST_SCALE);
    setDisabled(whole, scale === 1);
  }

  function resize() {
    if (!size && picture.complete && picture.naturalWidth) {
      size = { width: picture.naturalWidth, height: picture.naturalHeight };
    }
    if (!view.clientWidth || !size) return;
    placement.resize({ width: view.clientWidth, height: view.clientHeight }, size);
    draw();
  }

  function zoomTo(scale, point = []) {
    placement.zoomTo(scale, ...point);
    draw({ gliding: true });
  }

  function fit() {
    placement.reset();
    draw({ gliding: true });
  }

  function pan(x, y) {
    placement.panBy(x, y);
    draw();
  }

  async function show(number) {
    shown = number;
    const link = links[shown];
    const small = link.querySelector("img");
    picture.alt = small.alt;
    // What the page shows already, until the large one has come; it stays where that cannot be had.
    picture.src = small.currentSrc || small.src;
    size = null;
    placement.reset();
    resize();
    if (count) count.textContent = link.dataset.which;
    for (const [button, end] of [[previous, 0], [next, links.length - 1]]) if (button) setDisabled(button, shown === end);
    const large = Object.assign(new Image(), { src: link.href });
    await large.decode().catch(() => null);
    if (large.naturalWidth && dialog.open && links[shown] === link) picture.src = large.src;
  }

  function step(by) {
    if (links[shown + by]) show(shown + by);
  }

  const keys = {
    "+": () => nearer.click(),
    "=": () => nearer.click(),
    "-": () => zoomTo(placement.scale / STEP),
    0: () => whole.click(),
    PageUp: () => step(-1),
    PageDown: () => step(1),
  };

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow && placement.scale > 1) pan(arrow[0] * ARROW_PX, arrow[1] * ARROW_PX);
    else if (arrow) step(-arrow[0]);
    else if (keys[event.key]) keys[event.key]();
    else return;
    event.preventDefault();
  }

  gallery.addEventListener("click", (event) => {
    const link = event.target.closest("[data-enlarge]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // The dialog gives the focus back to what had it. A click alone does not focus a link in every browser.
    link.focus({ preventScroll: true });
    dialog.showModal();
    show(links.indexOf(link));
    view.focus();
  });
  // Whoever went on to another photo is led to that one, and the page shows it too.
  dialog.addEventListener("close", () => links[shown].focus());
  dialog.addEventListener("keydown", press);
  nearer.addEventListener("click", () => isDisabled(nearer) || zoomTo(placement.scale * STEP));
  whole.addEventListener("click", () => isDisabled(whole) || fit());
  previous?.addEventListener("click", () => step(-1));
  next?.addEventListener("click", () => step(1));
  part("close").addEventListener("click", () => dialog.close());
  picture.addEventListener("load", resize);
  picture.addEventListener("dragstart", (event) => event.preventDefault());
  new ResizeObserver(resize).observe(view);
  takeGestures(view, {
    pan,
    zoom: (factor, point) => {
      placement.zoomTo(placement.scale * factor, ...point);
      draw();
    },
    doubleTap: (point) => (placement.scale > 1 ? fit() : zoomTo(DOUBLE_TAP_SCALE, point)),
    swipe: (direction) => placement.scale === 1 && step(direction),
  });
}

document.querySelectorAll("[data-gallery]:has([data-zoom])").forEach(equip);
