// The products that this browser's shopper viewed last. The page of a product is remembered, and is not listed itself.

import { fetchCards } from "./cards.js";
import { forgetViewed, keepViewed, viewed } from "./kept.js";
import { tell } from "./wishes.js";

const MOST_SHOWN = 8;
const section = document.querySelector("[data-viewed]");
const { cards, cleared } = section.dataset;
const here = Number(section.dataset.viewed);

async function draw() {
  const ids = viewed().filter((id) => id !== here).slice(0, MOST_SHOWN);
  if (!ids.length) return;
  try {
    const items = (await fetchCards(cards, ids)).querySelectorAll("[data-card]");
    section.querySelector("ul").replaceChildren(...items);
    section.hidden = !items.length;
  } catch {
    // The page does without.
  }
}

section.querySelector("[data-viewed-clear]").addEventListener("click", () => {
  forgetViewed();
  section.hidden = true;
  section.querySelector("ul").replaceChildren();
  document.getElementById("main").focus({ preventScroll: true });
  tell(cleared);
});

await draw();
if (here) keepViewed(here);
