// The results' part of the page: fetched as the server renders it, and put in place without losing anybody's place.

import { keepFocus } from "../js/focus.js";
import { changeOnLeaving, refill } from "../js/refill.js";
import { updateSheet } from "../js/sheet.js";
import { Problem } from "./problems.js";
import { keepWords } from "./words.js";

// The address of the results of a token, or of the form's own, with what is chosen in the form.
export function addressOf(form, token) {
  const says = ([name, value]) => value !== "" && typeof value === "string" && name !== "csrfmiddlewaretoken"
    && !(name === "emphasis" && Number(value) === 0);
  const chosen = new URLSearchParams([...new FormData(form)].filter(says));
  if (token) {
    chosen.set("token", token);
    // Of another photo: its garments are others.
    chosen.delete("garment");
  }
  return `${form.action}?${chosen}`;
}

function partOf(text) {
  const part = document.createElement("template");
  part.innerHTML = text;
  return part.content;
}

export async function fetchPart(address, signal, words) {
  const url = new URL(address, location);
  url.searchParams.set("fragment", "1");
  const response = await fetch(url, { signal });
  const part = partOf(await response.text());
  if (!part.querySelector("h2")) throw new Problem(words.failed, words.again);
  return part;
}

// What a photo was answered with: the results. Throws why there are none.
export function resultsOf({ status, text, waitSeconds }, words) {
  const part = partOf(text);
  if (status === 200 && part.querySelector("#found")) return part;
  const said = (selector, otherwise) => part.querySelector(selector)?.textContent.trim() || otherwise;
  const curable = waitSeconds > 0 || status >= 500;
  throw new Problem(said(".problem-title", words.failed), said(".problem-detail", words.again), { curable, waitSeconds });
}

// Whoever is at a guess or a garment is led to the one that is named now.
function refillGuesses(guesses, fresh) {
  const held = guesses.contains(document.activeElement);
  const atGarment = document.activeElement.matches("[data-garment]");
  guesses.replaceChildren(...fresh.childNodes);
  if (held) guesses.querySelector(atGarment ? "[data-garment][aria-current]" : "a")?.focus({ preventScroll: true });
}

// Puts everything of a search's answer in place but the photo. Whoever was at something that is gone is led to what
// stands in its place: of the filters in force the next one, else the heading of what was found.
export function replaceFound(results, part) {
  const chips = () => [...results.querySelectorAll("#found .chips a")];
  const held = chips().indexOf(document.activeElement);
  keepFocus(
    () => replace(results, part),
    () => (held >= 0 && (chips()[held] ?? chips().at(-1)))
      || results.querySelector("dialog[open] [data-sheet-total]") || results.querySelector("#found h2"),
  );
}

function replace(results, part) {
  const form = results.querySelector("[data-filters]");
  const fresh = part.querySelector("[data-filters]");
  if (form && fresh) refill(form, fresh);
  const guesses = results.querySelector("[data-guesses]");
  const guessed = part.querySelector("[data-guesses]");
  if (guesses && guessed) refillGuesses(guesses, guessed);
  updateSheet(results, part);
  const answer = part.querySelector("#found") ?? part;
  const found = results.querySelector("#found");
  keepWords(found, () => found.replaceChildren(...answer.childNodes), changeOnLeaving);
}

// Puts more articles after those that are there, and the next button, if there is one, in place of the one at hand.
// Whoever asked for them is led to the first of them, and so is whoever had just reached the button by keyboard, which
// brings it near enough for more to come by themselves.
export function appendFound(results, part, button, { asked }) {
  const list = results.querySelector("#matches");
  const added = [...part.querySelectorAll("#matches > li")];
  const next = part.querySelector("[data-more]");
  list.append(...added);
  if (asked || document.activeElement === button) (added[0] ?? list.lastElementChild)?.querySelector("a").focus();
  button.replaceWith(...(next ? [next] : []));
  return { next, count: list.children.length };
}
