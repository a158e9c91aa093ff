// Hearts on every page, which put a product on the wish list or take it off, and the number of those on it. Whoever draws
// other products into the page need not tell: new hearts are noticed.

import { canKeep, keepWishes, MOST_WISHES, onChange, wishes } from "./kept.js";

const toast = document.querySelector("[data-toast]");
let timer = 0;

export function tell(text, { forMs = 8000 } = {}) {
  clearTimeout(timer);
  toast.textContent = text;
  timer = setTimeout(() => (toast.textContent = ""), forMs);
}

const idOf = (heart) => Number(heart.dataset.wish);

function draw(hearts) {
  const kept = new Set(wishes());
  for (const heart of hearts) heart.setAttribute("aria-pressed", String(kept.has(idOf(heart))));
}

export function drawAll() {
  draw(document.querySelectorAll("[data-wish]"));
  const { length } = wishes();
  for (const count of document.querySelectorAll("[data-wish-count]")) count.textContent = length || "";
}

// Puts a product on the list, at the place that it had, or takes it off. Returns whether that could be done.
export function wish(id, wanted, place = 0) {
  const others = wishes().filter((other) => other !== id);
  if (wanted && others.length >= MOST_WISHES) {
    tell(toast.dataset.full);
    return false;
  }
  if (wanted) others.splice(place, 0, id);
  if (!keepWishes(others)) {
    tell(toast.dataset.refused);
    return false;
  }
  drawAll();
  return true;
}

document.addEventListener("click", ({ target }) => {
  const heart = target.closest("[data-wish]");
  if (!heart) return;
  const wanted = heart.getAttribute("aria-pressed") !== "true";
  const place = wishes().indexOf(idOf(heart));
  if (!canKeep()) tell(toast.dataset.refused);
  else if (wish(idOf(heart), wanted)) {
    heart.dispatchEvent(new CustomEvent("wish", { bubbles: true, detail: { id: idOf(heart), wanted, place } }));
  }
});

new MutationObserver((changes) => {
  const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node.nodeType === Node.ELEMENT_NODE);
  draw(added.flatMap((node) => [...node.querySelectorAll("[data-wish]")]));
}).observe(document.body, { childList: true, subtree: true });

onChange(drawAll);
drawAll();
