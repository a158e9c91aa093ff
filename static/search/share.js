// A short link to the results: handed to the device where it can share, else copied. Without this module the form shows it.

// As the pages' own dates are written (shop/formats).
const LOCALES = { en: "en-GB", fr: "fr" };

// Of the API's answer, the link to just these results: the form's other hidden fields are its query string.
function linkOf(form, address) {
  const rest = [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "token"].includes(name));
  return rest.length ? `${address}?${new URLSearchParams(rest)}` : address;
}

// Returns the link and the day until which it works; throws the reason why there is none, in words.
async function make(form) {
  const response = await fetch(form.dataset.api, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
    body: JSON.stringify({ token: form.elements.token.value }),
  }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (!response?.ok || !answer) throw new Error(answer?.detail || form.dataset.failed);
  const day = new Date(answer.expires).toLocaleDateString(LOCALES[document.documentElement.lang], { dateStyle: "long" });
  return { url: linkOf(form, answer.address), day };
}

// Returns what took the link: the device ("shared"), the clipboard ("copied"), or neither, since both may be refused.
async function handOver(url, title) {
  try {
    if (navigator.share) {
      await navigator.share({ title, url });
      return "shared";
    }
    await navigator.clipboard.writeText(url);
    return "copied";
  } catch {
    return "";
  }
}

async function share(form) {
  // Once is enough, however often the button is pressed.
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const said = form.querySelector("[data-share-said]");
  const { title, copied, made } = form.dataset;
  try {
    const { url, day } = await make(form);
    const field = form.querySelector("[data-link]");
    field.hidden = false;
    field.querySelector("input").value = url;
    const taken = await handOver(url, title);
    said.textContent = (taken === "copied" ? copied : made).replace("%s", day);
    if (!taken) field.querySelector("input").select();
  } catch (error) {
    said.textContent = error.message;
  } finally {
    form.removeAttribute("aria-busy");
  }
}

export function shareSearches(results) {
  results.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-share]")) return;
    event.preventDefault();
    share(event.target);
  });
}
