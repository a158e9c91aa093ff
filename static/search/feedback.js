// What shoppers do with results: the article they open, and whether the results were any good. Without this module the
// form does the same but for the photo, which only the browser has.

import { prepare } from "./photo.js";

// What names the search that the results are of.
function searchOf() {
  const { token, garment } = document.querySelector("[data-filters]").elements;
  return { token: token.value, garment: Number(garment?.value ?? 1) };
}

// Told beside the way to the article's page, which does not wait for it.
function tellOpened(api, link) {
  const { article, rank } = link.closest("[data-rank]").dataset;
  const told = { ...searchOf(), kind: "clicked", article: Number(article), rank: Number(rank) };
  navigator.sendBeacon?.(api, new Blob([JSON.stringify(told)], { type: "application/json" }));
}

async function tell(form, submitter, api, { photo, frame, quarters }) {
  // Once is enough, however often the button is pressed.
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const body = new FormData(form, submitter);
  body.delete("csrfmiddlewaretoken");
  if (!body.get("category") || body.get("kind") !== "category") body.delete("category");
  if (body.get("agreed") && photo) body.set("image", (await prepare(photo, { frame, quarters })).blob, "photo.jpg");
  const response = await fetch(api, { method: "POST", body }).catch(() => null);
  form.removeAttribute("aria-busy");
  const said = form.querySelector("[data-said]");
  said.textContent = response?.ok ? form.dataset.thanks : form.dataset.failed;
  said.focus();
  if (response?.ok) form.querySelector("[data-asked]").hidden = true;
}

// `photoOf` returns the photo of the results shown, if the browser still has it, with the frame that was searched and by how
// many quarters it was turned: no more of it is given than was searched for.
export function takeFeedback(results, api, photoOf) {
  const opened = (event) => {
    const link = event.target.closest("[data-rank] a");
    if (link && event.button < 2) tellOpened(api, link);
  };
  results.addEventListener("click", opened);
  results.addEventListener("auxclick", opened);
  results.addEventListener("toggle", ({ target }) => {
    const give = target.querySelector?.("[data-give]");
    if (give) give.hidden = !photoOf().photo;
  }, true);
  results.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-feedback]")) return;
    event.preventDefault();
    const form = event.target;
    tell(form, event.submitter, api, photoOf());
  });
}
