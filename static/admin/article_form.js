// An article's form: what is missing is said before it is sent, it is sent once, and not before its photos; it is not
// left by accident with photos that are not saved. Without this script the server says the same.

import { form, isSending, settled, texts, unsaved, whyNotNow } from "./drafts.js";

let busy = false;
let ready = false;
let sent = false;

// --- What the browser can check --------------------------------------------------------------------------------------

function reasonOf({ validity, validationMessage, min, max }) {
  if (validity.customError) return validationMessage;
  if (validity.valueMissing) return texts.required;
  if (validity.badInput) return texts.number;
  if (validity.rangeUnderflow) return texts.min.replace("%s", min);
  if (validity.rangeOverflow) return texts.max.replace("%s", max);
  return validity.stepMismatch ? texts.step : texts.invalid;
}

function object(field) {
  const id = `${field.id}_client_error`;
  document.getElementById(id)?.remove();
  const list = document.createElement("ul");
  Object.assign(list, { className: "errorlist", id });
  list.append(document.createElement("li"));
  list.firstChild.textContent = reasonOf(field);
  // A photo's row says it already.
  if (field.type !== "file") (field.closest(".flex-container") ?? field).before(list);
  field.setAttribute("aria-invalid", "true");
  const described = field.getAttribute("aria-describedby");
  field.setAttribute("aria-describedby", [described, id].filter(Boolean).join(" "));
  field.addEventListener("input", () => {
    list.remove();
    field.removeAttribute("aria-invalid");
    if (described) field.setAttribute("aria-describedby", described);
    else field.removeAttribute("aria-describedby");
  }, { once: true });
}

function findErrors() {
  const wrong = [...form.elements].filter((field) => field.willValidate && !field.validity.valid);
  for (const field of wrong) if (field.getAttribute("aria-invalid") !== "true") object(field);
  wrong[0]?.focus();
  wrong[0]?.scrollIntoView({ block: "center" });
  return wrong.length > 0;
}

// --- Sending ---------------------------------------------------------------------------------------------------------

function say(text) {
  const status = form.querySelector(".form-status");
  status.textContent = text;
  status.hidden = !text;
  if (text) status.scrollIntoView({ block: "center" });
}

async function prepare(submitter) {
  if (isSending()) say(texts.sending);
  while (isSending()) await settled();
  say("");
  if (findErrors()) return;
  const problem = await whyNotNow();
  if (problem) return say(problem);
  ready = true;
  form.requestSubmit(submitter);
}

form?.addEventListener("submit", async (event) => {
  if (ready && !sent) {
    sent = true;
    return;
  }
  event.preventDefault();
  if (busy || sent || findErrors()) return;
  busy = true;
  // Unusual buttons, such as those of rows, are sent as they were pressed.
  await prepare(event.submitter).finally(() => (busy = false));
});

// The page as it was, come back to.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) busy = ready = sent = false;
});

addEventListener("beforeunload", (event) => {
  if (form && !sent && unsaved()) event.preventDefault();
});

// --- What the server says --------------------------------------------------------------------------------------------

form?.addEventListener("click", (event) => {
  const link = event.target.closest(".error-summary a, .ask-choices a");
  if (!link) return;
  event.preventDefault();
  const id = link.hash.slice(1);
  const field = document.querySelector(`[aria-labelledby="select2-${id}-container"]`) ?? document.getElementById(id);
  field?.scrollIntoView({ block: "center" });
  field?.focus();
  if (link.matches(".ask-choices a")) field?.click();
});
document.querySelector(".error-summary, .ask-photo")?.focus();
