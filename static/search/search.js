// The page of search by photo. Sends a photo that was chosen, dropped, pasted or taken, once, and puts the results that it
// is answered with into the page. Without this module the page's form does the same.

import { keepFocus } from "../js/focus.js";
import { setUpSheet } from "../js/sheet.js";
import { canUse, setUp } from "./camera.js";
import { takeDropped } from "./dropped.js";
import { setUpEditor } from "./editor.js";
import { takeFeedback } from "./feedback.js";
import { markGarments } from "./garments.js";
import { deleteStale, takeHandedOver } from "./handover.js";
import { prepare, send } from "./photo.js";
import { asProblem, problemPart } from "./problems.js";
import { showQuery } from "./query.js";
import { addressOf, appendFound, fetchPart, replaceFound, resultsOf } from "./results.js";
import { shareSearches } from "./share.js";

const PATIENCE_MS = 30_000;
// Articles that come by themselves as one scrolls; for those after them there is the button, and the page's end.
const COME_BY_THEMSELVES = 48;

const page = document.getElementById("photo-search");
const ask = document.getElementById("ask");
const progress = document.getElementById("progress");
const meter = document.getElementById("meter");
const results = document.getElementById("results");
const chooser = document.getElementById("photo");
const cancel = document.getElementById("cancel");
const busyPhoto = page.querySelector(".busy-photo");
const words = page.dataset;

// The search under way, to be cancelled by the next one, and the photo to try again with.
let underWay = null;
let lastPhoto = null;
// The photos of this visit, for frames; an entry of the browser's history names its own. They are nowhere else.
const photos = new Map();
// What the page returns to when a search is cancelled, and the query string of what it shows.
let resting = page.dataset.state;
let shown = location.search;

// --- The photo -------------------------------------------------------------------------------------------------------

// Sends a photo, or what a frame holds of it, turned by quarters, with what is chosen in a form. Returns the results as a
// part of the page, their token, and what the browser is to remember.
async function look(photo, { frame = null, quarters = 0 }, form, signal) {
  const { blob, preview } = await prepare(photo, { frame, quarters });
  signal.throwIfAborted();
  busyPhoto.src = preview?.address ?? "";
  busyPhoto.hidden = !preview;
  const body = new FormData(form);
  body.set("csrfmiddlewaretoken", ask.elements.csrfmiddlewaretoken.value);
  body.set("image", blob, "photo.jpg");
  const told = (share) => {
    meter.hidden = share === 1;
    meter.value = share;
    say(share < 1 ? words.sending : words.looking);
  };
  told(0);
  const part = resultsOf(await send(body, { address: `${ask.action}?fragment=1`, signal, told }), words);
  const { map } = part.querySelector(".query").dataset;
  const { x, y, width, height } = part.querySelector(".query-box rect").attributes;
  const box = [x, y, width, height].map(({ value }) => Number(value));
  const token = part.querySelector("[data-filters] [name=token]").value;
  return { part, token, state: { preview, box, map: map ? JSON.parse(map) : null, frame, quarters } };
}

// `replacing`: whether the results take the place of this page in the browser's history, where another page led here.
async function searchFor(photo, { replacing = false } = {}) {
  lastPhoto = photo;
  await attempt(async (signal) => {
    const { part, token, state } = await look(photo, {}, ask, signal);
    state.photo = photos.size;
    photos.set(state.photo, photo);
    place(part, state);
    remember(state, addressOf(ask, token), { replacing });
    results.querySelector("h2.found-title")?.focus({ preventScroll: true });
    page.scrollIntoView();
  }, words.sending);
}

// Searches again with what a frame holds of the photo, or with the photo turned. Whoever did that stays where they are.
function searchWithin(view) {
  const before = history.state;
  return attempt(async (signal) => {
    const form = results.querySelector("[data-filters]");
    const { part, token, state } = await look(photos.get(before.photo), view, form, signal);
    const next = { ...state, photo: before.photo };
    remember(next, addressOf(form, token));
    replaceFound(results, part);
    dress(next);
    say(results.querySelector("#found h2").textContent.trim());
  });
}

// --- Results ---------------------------------------------------------------------------------------------------------

function place(part, state) {
  const found = part.querySelector("#found");
  enter(found ? "results" : "problem", part);
  dress(state);
  say(results.querySelector("h2[tabindex]").textContent.trim());
}

// What only the browser knows of: the photo, its frame, and more articles as one scrolls.
function dress(state) {
  const seen = results.querySelector(".seen");
  const photo = photos.get(state?.photo);
  const edit = () => openEditor(photo, state, searchWithin);
  if (seen && state?.preview) showQuery(seen, state, photo ? { within: searchWithin, edit } : {});
  if (seen) markGarments(seen, state?.frame);
  awaitMore();
}

function awaitMore() {
  const more = results.querySelector("[data-more]");
  if (more) nearing.observe(more);
}

function narrowTo(address) {
  return attempt(async (signal) => {
    const part = await fetchPart(address, signal, words);
    remember(history.state, address);
    put(part);
  });
}

// Puts everything of a search's answer in place but the photo.
function put(part) {
  replaceFound(results, part);
  dress(history.state);
  // Words that were left out are announced with the heading: new parts of a page are not read out by themselves.
  say([...results.querySelectorAll("#found h2, #found [data-told] p")].map((one) => one.textContent.trim()).join(" "));
}

// `asked`: whether a shopper pressed the button, who is then led to the first of what came.
function showMore(link, { asked }) {
  return attempt(async (signal) => {
    const part = await fetchPart(link.href, signal, words);
    const { next, count } = appendFound(results, part, link, { asked });
    // A reload shows as many again.
    const address = new URL(location);
    address.searchParams.set("show", count);
    history.replaceState(history.state, "", address);
    shown = location.search;
    if (next && !asked) nearing.observe(next);
  });
}

const nearing = new IntersectionObserver((entries) => {
  const near = entries.find(({ isIntersecting }) => isIntersecting)?.target;
  if (!near?.isConnected || underWay) return;
  nearing.unobserve(near);
  if (results.querySelectorAll("#matches > li").length < COME_BY_THEMSELVES) showMore(near, { asked: false });
}, { rootMargin: "0px 0px 600px" });

// --- States ----------------------------------------------------------------------------------------------------------

function say(text) {
  progress.textContent = text;
}

// Whoever is at something that the next state does not show is led to what they can do there. `parts` are the results of
// that state, if they are others.
function enter(state, ...parts) {
  keepFocus(
    () => {
      // Nothing outside of an open dialog can be used.
      for (const dialog of page.querySelectorAll("dialog[open]")) dialog.close();
      page.dataset.state = state;
      if (parts.length) results.replaceChildren(...parts);
    },
    () => (state === "busy" ? cancel : (results.querySelector("h2[tabindex]") ?? chooser)),
  );
  if (state !== "busy") resting = state;
}

function remember(state, address, { replacing = false } = {}) {
  if (replacing) history.replaceState(state, "", address);
  else history.pushState(state, "", address);
  shown = location.search;
}

// Does one thing at a time. `text` is said while it lasts and puts the page into its busy state; without it the page
// stays as it is, only dimmed.
async function attempt(work, text) {
  // Results are not seen while a photo is searched for. A field of theirs that loses the focus has nothing to say then.
  if (!text && page.dataset.state === "busy") return;
  underWay?.abort(new DOMException("", "AbortError"));
  const controller = (underWay = new AbortController());
  const timer = setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), PATIENCE_MS);
  results.setAttribute("aria-busy", "true");
  if (text) {
    enter("busy");
    busyPhoto.hidden = meter.hidden = true;
    say(text);
  }
  try {
    await work(controller.signal);
  } catch (error) {
    if (underWay !== controller) return;
    if (error.name === "AbortError") {
      enter(resting);
      say(words.cancelled);
    } else {
      showProblem(asProblem(error, words));
    }
  } finally {
    clearTimeout(timer);
    if (underWay === controller) {
      underWay = null;
      results.removeAttribute("aria-busy");
    }
  }
}

function showProblem(problem) {
  enter("problem", problemPart(problem, words, lastPhoto));
  say("");
  results.querySelector("h2[tabindex]").focus();
}

// --- What the shopper does -------------------------------------------------------------------------------------------

function searchForChosen(field) {
  const [photo] = field.files ?? [];
  // Emptied, so that choosing the same photo again is a change as well.
  if (field.type === "file") field.value = "";
  if (photo) searchFor(photo);
}

ask.addEventListener("change", ({ target }) => searchForChosen(target));

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  const example = event.submitter?.closest(".example");
  if (!example) return chooser.click();
  return attempt(async (signal) => {
    const response = await fetch(example.querySelector("img").src, { signal });
    searchFor(await response.blob());
  }, words.sending);
});

takeDropped(document.body, (photo) => searchFor(photo));

const openEditor = setUpEditor(document.getElementById("editor"), words);
const cameraButton = document.getElementById("open-camera");
const phoneCamera = document.getElementById("camera");
if (canUse()) {
  const open = setUp(document.getElementById("camera-view"), { take: searchFor, choose: () => phoneCamera.click() });
  cameraButton.addEventListener("click", open);
  cameraButton.hidden = false;
}

// Who still holds the key that began the search, and is led to this button, does not mean to cancel it.
cancel.addEventListener("keydown", (event) => event.repeat && event.preventDefault());
cancel.addEventListener("click", () => {
  underWay?.abort(new DOMException("", "AbortError"));
});

results.addEventListener("change", ({ target }) => {
  if (target.form?.matches("[data-filters]")) narrowTo(addressOf(target.form));
});

takeFeedback(results, words.feedback, () => ({
  photo: photos.get(history.state?.photo), frame: history.state?.frame, quarters: history.state?.quarters ?? 0,
}));
setUpSheet(results);
shareSearches(results);

results.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  event.preventDefault();
  narrowTo(addressOf(event.target));
});

results.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more]");
  const narrower = event.target.closest("[data-narrow], .chips a");
  if (more && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    showMore(more, { asked: true });
  } else if (narrower && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    narrowTo(narrower.href);
  } else if (event.target.closest("[data-tool=another]")) {
    event.preventDefault();
    chooser.click();
  } else if (event.target.closest("[data-retry]")) {
    searchFor(lastPhoto);
  }
});

addEventListener("popstate", ({ state }) => {
  // A link within the page, such as the one to its content, leads to no other search.
  if (location.search === shown) return;
  shown = location.search;
  // A short link has no token.
  if (new URLSearchParams(location.search).has("token") || location.pathname !== new URL(ask.action).pathname) {
    attempt(async (signal) => place(await fetchPart(location.href, signal, words), state), words.looking);
  } else {
    underWay?.abort(new DOMException("", "AbortError"));
    enter("start", "");
    say("");
  }
});

// With this module the page needs no button that sends, and with a camera of its own not the chooser's.
keepFocus(() => {
  page.classList.add("live");
  page.classList.toggle("with-camera", !cameraButton.hidden);
}, () => chooser);
dress(history.state);
// Chosen before this module was here, or dropped on another page.
[chooser, phoneCamera].forEach(searchForChosen);
const handedOver = await takeHandedOver();
if (handedOver) searchFor(handedOver, { replacing: true });
deleteStale();
