// A list of articles whose filters act at once: the server's new page is fetched, and its parts take the place of the old
// ones. Without this module the form is sent by its button, and links are plain links.

import { keepFocus } from "./focus.js";
import { refill } from "./refill.js";
import { setUpSheet, updateSheet } from "./sheet.js";

const page = document.querySelector("[data-list]");
const formIn = (part) => part.querySelector("[data-filters]");
// The request under way, to be cancelled by the next one, and the address of what is shown.
let underWay = null;
let shown = location.pathname + location.search;

// An order that nobody chose is not named.
function addressOf(form) {
  const named = ([name, value]) => value !== "" && !(name === "ordering" && value === form.elements.ordering.options[0].value);
  const address = new URL(form.action);
  address.search = new URLSearchParams([...new FormData(form)].filter(named));
  return address.href;
}

// In a template nothing of the page is run or applied, such as its style, whose nonce is another.
function parsed(text) {
  const page = document.createElement("template");
  page.innerHTML = text;
  return page.content;
}

// Whoever was at something that is gone is led to what stands in its place: of the chips the next one, else the heading.
function replace(fresh) {
  const chips = () => [...page.querySelectorAll(".chips a")];
  const held = chips().indexOf(document.activeElement);
  keepFocus(
    () => {
      refill(formIn(page), formIn(fresh));
      updateSheet(page, fresh);
      for (const part of page.querySelectorAll("[data-part]")) {
        part.replaceChildren(...fresh.querySelector(`[data-part=${part.dataset.part}]`).childNodes);
      }
    },
    () => (held >= 0 && (chips()[held] ?? chips().at(-1)))
      || page.querySelector("dialog[open] [data-sheet-total]") || page.querySelector("h1"),
  );
}

async function show(address, { remember = true } = {}) {
  underWay?.abort();
  const controller = (underWay = new AbortController());
  page.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { signal: controller.signal });
    const fresh = parsed(await response.text());
    const list = fresh.querySelector("[data-list]");
    if (!list) throw new Error(response.statusText);
    if (remember) history.pushState(null, "", address);
    shown = location.pathname + location.search;
    document.title = fresh.querySelector("title").textContent;
    // The other languages lead to the same list.
    const next = fresh.querySelectorAll("[name=next]");
    document.querySelectorAll("[name=next]").forEach((field, at) => (field.value = next[at].value));
    replace(list);
  } catch (error) {
    // The browser says what is wrong.
    if (error.name !== "AbortError") location.assign(address);
  } finally {
    if (underWay === controller) page.removeAttribute("aria-busy");
  }
}

page.addEventListener("change", ({ target }) => {
  if (target.form?.matches("[data-filters]")) show(addressOf(target.form));
});
page.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  event.preventDefault();
  show(addressOf(event.target));
});
page.addEventListener("click", (event) => {
  const link = event.target.closest("[data-narrow], .chips a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.href);
});
addEventListener("popstate", () => {
  // A link within the page, such as the one to its content, leads to no other list.
  if (location.pathname + location.search !== shown) show(location.href, { remember: false });
});

setUpSheet(page);
