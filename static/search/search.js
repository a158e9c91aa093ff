// The page of search by photo. Sends a photo that was chosen, dropped, pasted or taken to the API, and brings the
// results into the page as the server renders them. Without this module the page's form does the same.

const LONGEST_SIDE = 1024;
const PREVIEW_SIDE = 320;
const PATIENCE_MS = 30_000;

const page = document.getElementById("photo-search");
const ask = document.getElementById("ask");
const progress = document.getElementById("progress");
const results = document.getElementById("results");
const busyPhoto = page.querySelector(".busy-photo");
const words = page.dataset;

// The search under way, to be cancelled by the next one, and the photo to try again with.
let underWay = null;
let lastPhoto = null;
// What the page returns to when a search is cancelled, and the query string of what it shows.
let resting = page.dataset.state;
let shown = location.search;

class Problem extends Error {
  // `curable`: whether the same photo may do another time.
  constructor(title, detail, { curable = true, waitSeconds = 0 } = {}) {
    super(title);
    Object.assign(this, { detail, curable, waitSeconds });
  }
}

// --- The photo -------------------------------------------------------------------------------------------------------

function scaled(source, longestSide) {
  const scale = Math.min(1, longestSide / Math.max(source.width, source.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(source.width * scale));
  canvas.height = Math.max(1, Math.round(source.height * scale));
  const context = canvas.getContext("2d");
  // JPEG has no transparency; the server reads it as white too.
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// A photo of a phone has 12 megapixels and tells where it was taken. What is sent has 1,024 pixels, upright, and nothing
// but pixels. What the browser cannot read (HEIC, no picture at all) goes as it is: the server knows better.
async function prepare(photo) {
  try {
    const bitmap = await createImageBitmap(photo, { imageOrientation: "from-image" });
    const canvas = scaled(bitmap, LONGEST_SIDE);
    bitmap.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
    return { blob: blob ?? photo, preview: scaled(canvas, PREVIEW_SIDE).toDataURL("image/jpeg", 0.8) };
  } catch {
    return { blob: photo, preview: "" };
  }
}

// XMLHttpRequest, because fetch does not say when a body is sent and the looking begins.
function send(body, signal, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", words.api);
    request.responseType = "json";
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.upload.addEventListener("load", onSent);
    request.addEventListener("load", () => {
      const answer = request.response;
      if (request.status === 200 && answer?.token) return resolve(answer);
      const waitSeconds = Number(request.getResponseHeader("Retry-After")) || 0;
      const curable = waitSeconds > 0 || request.status >= 500;
      reject(new Problem(answer?.title ?? words.failed, answer?.detail ?? words.again, { curable, waitSeconds }));
    });
    request.addEventListener("error", () => reject(new TypeError("network")));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

async function searchFor(photo) {
  lastPhoto = photo;
  await attempt(async (signal) => {
    const { blob, preview } = await prepare(photo);
    signal.throwIfAborted();
    busyPhoto.src = preview;
    busyPhoto.hidden = !preview;
    const body = new FormData(ask);
    body.delete("csrfmiddlewaretoken");
    const carried = new URLSearchParams([...body].filter(([name]) => name !== "image"));
    body.set("image", blob, "photo.jpg");
    body.set("limit", "1");
    const { token } = await send(body, signal, () => say(words.looking));
    carried.set("token", token);
    const address = `${ask.action}?${carried}`;
    await show(address, { preview }, signal);
    remember({ preview }, address);
    results.querySelector("h2")?.focus({ preventScroll: true });
    page.scrollIntoView();
  }, words.sending);
}

// --- Results ---------------------------------------------------------------------------------------------------------

async function fetchPart(address, signal) {
  const url = new URL(address, location);
  url.searchParams.set("fragment", "1");
  const response = await fetch(url, { signal });
  const part = document.createElement("template");
  part.innerHTML = await response.text();
  if (!part.content.querySelector("h2")) throw new Problem(words.failed, words.again);
  return part.content;
}

async function show(address, state, signal) {
  const part = await fetchPart(address, signal);
  const found = part.querySelector("#found");
  results.replaceChildren(part);
  showPhoto(state);
  enter(found ? "results" : "problem");
  say(results.querySelector("h2").textContent.trim());
}

function showPhoto(state) {
  const figure = results.querySelector(".query");
  if (!figure || !state?.preview) return;
  figure.querySelector("img").src = state.preview;
  figure.hidden = false;
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

function narrow(form) {
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  const address = `${form.action}?${chosen}`;
  return attempt(async (signal) => {
    const part = await fetchPart(address, signal);
    const fresh = part.querySelector("[data-filters]");
    if (fresh) refill(form, fresh);
    const found = part.querySelector("#found") ?? part;
    results.querySelector("#found").replaceChildren(...found.childNodes);
    remember(history.state, address);
    say(results.querySelector("#found h2").textContent.trim());
  });
}

function showMore(link) {
  return attempt(async (signal) => {
    const part = await fetchPart(link.href, signal);
    const added = [...part.querySelectorAll("#matches > li")];
    results.querySelector("#matches").append(...added);
    const next = part.querySelector("[data-more]");
    if (next) link.replaceWith(next);
    else link.remove();
    added[0]?.querySelector("a")?.focus({ preventScroll: true });
  });
}

// --- States ----------------------------------------------------------------------------------------------------------

function say(text) {
  progress.textContent = text;
}

function enter(state) {
  page.dataset.state = state;
  if (state !== "busy") resting = state;
}

function remember(state, address) {
  history.pushState(state, "", address);
  shown = location.search;
}

// Does one thing at a time. `text` is said while it lasts and puts the page into its busy state; without it the page
// stays as it is, only dimmed.
async function attempt(work, text) {
  underWay?.abort(new DOMException("", "AbortError"));
  const controller = (underWay = new AbortController());
  const timer = setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), PATIENCE_MS);
  results.setAttribute("aria-busy", "true");
  if (text) {
    enter("busy");
    busyPhoto.hidden = true;
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
      showProblem(asProblem(error));
    }
  } finally {
    clearTimeout(timer);
    if (underWay === controller) {
      underWay = null;
      results.removeAttribute("aria-busy");
    }
  }
}

function asProblem(error) {
  if (error instanceof Problem) return error;
  if (error.name === "TimeoutError") return new Problem(words.failed, words.slow);
  return new Problem(words.failed, navigator.onLine ? words.again : words.offline);
}

function showProblem({ message, detail, curable, waitSeconds }) {
  const part = document.getElementById("problem-template").content.cloneNode(true);
  part.querySelector("h2").textContent = message;
  const said = waitSeconds ? `${detail} ${words.wait.replace("%s", waitSeconds)}` : detail;
  part.querySelector(".problem-detail").textContent = said;
  part.querySelector("[data-retry]").hidden = !(curable && lastPhoto);
  results.replaceChildren(part);
  enter("problem");
  say("");
  results.querySelector("h2").focus();
}

// --- What the shopper does -------------------------------------------------------------------------------------------

ask.addEventListener("change", ({ target }) => {
  const [photo] = target.files ?? [];
  // Emptied, so that choosing the same photo again is a change as well.
  if (target.type === "file") target.value = "";
  if (photo) searchFor(photo);
});

ask.addEventListener("submit", (event) => {
  event.preventDefault();
  const example = event.submitter?.closest(".example");
  if (!example) return document.getElementById("photo").click();
  return attempt(async (signal) => {
    const response = await fetch(example.querySelector("img").src, { signal });
    searchFor(await response.blob());
  }, words.sending);
});

document.addEventListener("paste", ({ clipboardData }) => {
  const [photo] = clipboardData?.files ?? [];
  if (photo) searchFor(photo);
});

// The whole page takes a dropped photo: one that misses the frame must not replace the page.
for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    page.classList.toggle("dragging", type === "dragenter" || type === "dragover");
    const [photo] = event.dataTransfer.files;
    if (type === "drop" && photo) searchFor(photo);
  });
}

document.getElementById("cancel").addEventListener("click", () => {
  underWay?.abort(new DOMException("", "AbortError"));
  document.getElementById("photo").focus();
});

results.addEventListener("change", ({ target }) => {
  if (target.form?.matches("[data-filters]")) narrow(target.form);
});

results.addEventListener("submit", (event) => {
  event.preventDefault();
  narrow(event.target);
});

results.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more]");
  if (more && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    showMore(more);
  } else if (event.target.closest("[data-retry]")) {
    searchFor(lastPhoto);
  }
});

addEventListener("popstate", ({ state }) => {
  // A link within the page, such as the one to its content, leads to no other search.
  if (location.search === shown) return;
  shown = location.search;
  if (new URLSearchParams(location.search).has("token")) {
    attempt((signal) => show(location.href, state, signal), words.looking);
  } else {
    underWay?.abort(new DOMException("", "AbortError"));
    results.replaceChildren();
    enter("start");
    say("");
  }
});

page.classList.add("live");
showPhoto(history.state);
