// The page of the wish list, drawn from what this browser keeps. What is taken off can be put back where it was.

import { fetchCards, idOf } from "./cards.js";
import { canKeep, keepWishes, onChange, wishes } from "./kept.js";
import { drawAll, wish } from "./wishes.js";

const page = document.querySelector("[data-wish-page]");
const list = page.querySelector("[data-wish-cards]");
const status = page.querySelector("[data-wish-status]");
const clear = page.querySelector("[data-wish-clear]");
const gone = page.querySelector("[data-wish-gone]");
let cleared = [];

// One of: loading, blocked, failed, empty, list, cleared.
function enter(state) {
  page.dataset.wishPage = state;
  for (const part of page.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(state);
}

async function draw() {
  if (!canKeep()) return enter("blocked");
  const ids = wishes();
  list.replaceChildren();
  gone.hidden = true;
  if (!ids.length) return enter("empty");
  enter("loading");
  try {
    const part = await fetchCards(page.dataset.cards, ids);
    const notice = part.querySelector("[data-gone]");
    if (notice) gone.querySelector("p").textContent = notice.textContent;
    gone.hidden = !notice;
    list.append(...part.querySelectorAll("[data-card]"));
    enter("list");
  } catch {
    enter("failed");
  }
}

// Takes a product's card out of the list, and leaves in its place what brings it back.
function takeOff(item, { id, place }) {
  const template = page.querySelector("[data-wish-removed]");
  const removed = template.content.cloneNode(true).firstElementChild;
  const name = item.querySelector("h3").textContent.trim();
  removed.querySelector("[data-removed-text]").textContent = template.dataset.text.replace("%s", () => name);
  const undo = removed.querySelector("button");
  undo.addEventListener("click", () => {
    if (!wish(id, true, place)) return;
    removed.replaceWith(item);
    drawAll();
    item.querySelector("[data-wish]").focus();
  });
  item.replaceWith(removed);
  undo.focus();
}

list.addEventListener("wish", ({ target, detail }) => {
  if (!detail.wanted) takeOff(target.closest("[data-card]"), detail);
});

clear.addEventListener("click", () => {
  cleared = wishes();
  if (!keepWishes([])) return;
  drawAll();
  list.replaceChildren();
  gone.hidden = true;
  enter("cleared");
  page.querySelector("[data-wish-restore]").focus();
});

page.querySelector("[data-wish-restore]").addEventListener("click", async () => {
  if (!keepWishes(cleared)) return;
  drawAll();
  await draw();
  clear.focus();
});

page.querySelector("[data-wish-drop]").addEventListener("click", () => {
  const there = new Set([...list.querySelectorAll("[data-card]")].map(idOf));
  keepWishes(wishes().filter((id) => there.has(id)));
  drawAll();
  gone.hidden = true;
  status.textContent = page.dataset.dropped;
  if (!list.children.length) enter("empty");
  page.querySelector("h1").focus();
});

page.querySelector("[data-wish-retry]").addEventListener("click", async () => {
  await draw();
  page.querySelector("h1").focus();
});

onChange(draw);
draw();
