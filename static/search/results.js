// The results' part of the page: fetched as the server renders it, and put in place without losing anybody's place.

import { Problem } from "./photo.js";

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

// The numbers beside the filters change with them. Whoever is at one of them keeps their place, and what they type.
function refill(form, fresh) {
  const held = form.contains(document.activeElement) ? document.activeElement : null;
  form.replaceChildren(...fresh.childNodes);
  const same = held?.name && [...form.elements].find(
    ({ name, type, value }) => name === held.name && (type !== "checkbox" || value === held.value),
  );
  if (!same) return;
  if (same.type === "text") same.value = held.value;
  same.focus({ preventScroll: true });
}

function refillGuesses(guesses, fresh) {
  const held = [...guesses.querySelectorAll("a")].indexOf(document.activeElement);
  guesses.replaceChildren(...fresh.childNodes);
  if (held >= 0) guesses.querySelectorAll("a")[held]?.focus({ preventScroll: true });
}

// Puts everything of a search's answer in place but the photo.
export function replaceFound(results, part) {
  const form = results.querySelector("[data-filters]");
  const fresh = part.querySelector("[data-filters]");
  if (form && fresh) refill(form, fresh);
  const guesses = results.querySelector("[data-guesses]");
  const guessed = part.querySelector("[data-guesses]");
  if (guesses && guessed) refillGuesses(guesses, guessed);
  const found = part.querySelector("#found") ?? part;
  results.querySelector("#found").replaceChildren(...found.childNodes);
}
