// Photos of an article's form are sent as soon as they are chosen, one after the other, and kept by the shop as drafts:
// a row then sends its draft's number in place of the file. What cannot be sent stays chosen, and goes with the form.

import { send } from "../search/photo.js";

export const form = document.querySelector("[name=photo_form]")?.form;
const { drafts: address, article } = form?.elements.photo_form.dataset ?? {};
export const texts = form ? JSON.parse(document.getElementById("form-texts").textContent) : {};

const STALLED_MS = 60_000;

// Of each file field: the photo, and whether it is "waiting", "sending", "kept", "failed" or "refused".
const uploads = new Map();
let queue = Promise.resolve();

const draftOf = (field) => field.closest("tr").querySelector('input[name$="-draft"]');
// By a function: in a text, "$&" and the like have a meaning.
const fill = (text, value) => text.replace("%s", () => value);

export const hasPhoto = (field) => Boolean(field.files.length || draftOf(field)?.value);
export const unsaved = () => [...(form?.querySelectorAll('input[name$="-draft"]') ?? [])].some(({ value }) => value) ||
  [...uploads.keys()].some((field) => field.isConnected);
// Resolves once everything that is being sent has arrived or failed.
export const settled = () => queue;
export const isSending = () => [...uploads.values()].some(({ state }) => state === "waiting" || state === "sending");

// Begins to send a field's photo; without one, forgets what the field had.
export function keep(field, photo) {
  discard(field);
  field.setCustomValidity("");
  line(field)?.remove();
  if (!photo) return uploads.delete(field);
  const upload = { photo, state: "waiting" };
  uploads.set(field, upload);
  say(field, texts.waiting);
  queue = queue.then(() => transfer(field, upload));
}

// Says why a photo cannot be one of the article's. The form is not sent before it is taken away or another one chosen.
export function refuse(field, photo, reason) {
  keep(field, null);
  uploads.set(field, { photo, state: "refused" });
  field.setCustomValidity(`${photo.name}: ${reason}`);
  say(field, field.validationMessage, { error: true });
}

function discard(field) {
  const draft = draftOf(field);
  if (!draft?.value) return;
  const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
  // If it does not arrive, the draft goes after a day.
  fetch(`${address}${draft.value}/`, { method: "POST", body, keepalive: true }).catch(() => {});
  draft.value = "";
}

async function transfer(field, upload) {
  const current = () => field.isConnected && uploads.get(field) === upload;
  if (!current()) return;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.set("form", form.elements.photo_form.value);
  body.set("article", article);
  body.set("file", upload.photo);
  upload.state = "sending";
  const bar = say(field, fill(texts.uploading, upload.photo.name), { progress: true });
  // A connection that has died without a word ends by itself after many minutes only.
  const controller = new AbortController();
  const giveUp = () => setTimeout(() => controller.abort(), STALLED_MS);
  let timer = giveUp();
  const told = (share) => {
    bar.value = share;
    clearTimeout(timer);
    timer = giveUp();
  };
  let response;
  try {
    response = await send(body, { address, signal: controller.signal, told });
  } catch {
    response = { status: 0, text: "" };
  }
  clearTimeout(timer);
  if (!current()) return;
  const answer = parsed(response.text);
  if (answer?.draft) {
    upload.state = "kept";
    draftOf(field).value = answer.draft;
    say(field, texts.kept);
    field.dispatchEvent(new CustomEvent("draft:kept", { bubbles: true, detail: `${address}${answer.draft}/` }));
  } else if (answer?.detail && response.status < 500) {
    refuse(field, upload.photo, answer.detail);
  } else {
    // The file stays chosen, and goes with the form.
    upload.state = "failed";
    const signedOut = response.status === 200 || response.status === 403;
    const reason = answer?.detail ?? (signedOut ? texts.signed_out : texts.offline);
    say(field, `${upload.photo.name}: ${reason}`, { error: true, again: true });
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    // The page that asks for the password, or one of the server's errors.
    return null;
  }
}

// --- What is said in a row -------------------------------------------------------------------------------------------

const line = (field) => field.parentElement.querySelector(".upload");

function say(field, text, { progress = false, error = false, again = false } = {}) {
  let shown = line(field);
  if (!shown) {
    shown = document.createElement("p");
    shown.setAttribute("role", "status");
    field.after(shown);
  }
  shown.className = `upload${error ? " failed" : ""}`;
  shown.replaceChildren(text);
  if (again) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button", textContent: texts.again });
    button.addEventListener("click", () => {
      field.focus();
      keep(field, field.files[0]);
    });
    shown.append(" ", button);
  }
  if (!progress) return null;
  const bar = document.createElement("progress");
  Object.assign(bar, { max: 1, value: 0 });
  bar.setAttribute("aria-label", text);
  shown.append(bar);
  return bar;
}

// --- The form --------------------------------------------------------------------------------------------------------

// Whether the shop is there and staff logged in: "" or what to say. A new login has a new token, which the form gets.
export async function whyNotNow() {
  let response;
  try {
    response = await fetch(address, { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(20_000) });
  } catch {
    return texts.save_offline;
  }
  if (response.type === "opaqueredirect") return texts.save_signed_out;
  if (response.ok) form.elements.csrfmiddlewaretoken.value = (await response.json()).csrf;
  return "";
}

function retryFailed() {
  for (const [field, { state }] of uploads) if (state === "failed" && field.isConnected) keep(field, field.files[0]);
}

form?.addEventListener("formdata", ({ formData }) => {
  for (const [field, { state }] of uploads) if (state === "kept" && field.isConnected) formData.delete(field.name);
});
// Before Django's own handler takes the row away.
form?.addEventListener("click", ({ target }) => {
  const field = target.closest(".inline-deletelink")?.closest("tr").querySelector('input[type="file"]');
  if (field) keep(field, null);
}, { capture: true });
addEventListener("online", retryFailed);
