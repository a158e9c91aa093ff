// Photos in the admin's form of an article: several are chosen or dropped at once, each is shown before it is saved, with
// what it looks like, and sent at once, to be kept by the shop until the form is saved.

import { keepFocus } from "../js/focus.js";
import { prepare } from "../search/photo.js";
import { hasPhoto, keep, refuse } from "./drafts.js";

const PHOTOS = 'input[type="file"][data-max-bytes]';
// Looked at one after the other: a pile of photos must not keep the shop from its shoppers.
let looking = Promise.resolve();

function show(photo, row) {
  const cell = row.querySelector(".field-thumbnail p");
  if (!cell) return;
  const picture = new Image();
  picture.className = "thumbnail";
  picture.alt = "";
  picture.src = URL.createObjectURL(photo);
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
  // HEIC, which the shop reads and most browsers do not.
  picture.addEventListener("error", () => picture.remove());
  cell.replaceChildren(picture);
}

document.addEventListener("draft:kept", ({ target, detail }) => {
  const cell = target.closest("tr").querySelector(".field-thumbnail p");
  if (!cell || cell.querySelector("img")) return;
  const picture = new Image();
  Object.assign(picture, { className: "thumbnail", alt: "", src: detail });
  cell.replaceChildren(picture);
});

// --- What a photo looks like -----------------------------------------------------------------------------------------

async function look(photo, field) {
  const row = field.closest("tr");
  const body = new FormData();
  body.set("image", (await prepare(photo)).blob, "photo.jpg");
  // The article itself may well look like its new photo.
  body.set("article", /\/(\d+)\/change\/$/.exec(location.pathname)?.[1] ?? "");
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  try {
    const response = await fetch(field.dataset.look, { method: "POST", body, headers: { "X-CSRFToken": token } });
    if (!response.ok || field.files[0] !== photo) return;
    const { category, alike } = await response.json();
    warn(row, alike);
    if (category) suggest(category);
  } catch {
    // It would have been a help, and nothing is lost without it.
  }
}

function warn(row, alike) {
  const cell = row.querySelector(".field-state p") ?? row.querySelector(".field-thumbnail p");
  forgetAlike(row);
  if (!cell || !alike.length) return;
  const list = document.createElement("ul");
  list.className = "alike";
  list.setAttribute("role", "status");
  for (const { said, name, address } of alike) {
    const link = document.createElement("a");
    Object.assign(link, { href: address, target: "_blank", textContent: said, title: name });
    list.append(document.createElement("li"));
    list.lastChild.append(link);
  }
  cell.append(list);
}

// Whoever is at one of its links is led to the photo that it was said of.
function forgetAlike(row) {
  keepFocus(() => row.querySelector(".alike")?.remove(), () => row.querySelector(PHOTOS));
}

// The first photo whose category is clear suggests it, while none is chosen.
function suggest({ value, text, said }) {
  const select = document.getElementById("id_category");
  if (!select || select.value || document.querySelector(".suggestion")) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button suggestion";
  button.textContent = said;
  button.addEventListener("click", () => {
    select.append(new Option(text, value, true, true));
    // It is removed by the change.
    document.querySelector("[aria-labelledby=select2-id_category-container]")?.focus();
    window.django.jQuery(select).trigger("change");
  });
  window.django.jQuery(select).one("change", () => button.remove());
  select.closest(".flex-container, .fieldBox, div").append(button);
}

// --- Rows ------------------------------------------------------------------------------------------------------------

// Each photo has a row of its own, with its text and its place: first those that stand empty, then new ones.
function spread(group, photos) {
  for (const photo of photos) {
    const rows = () => [...group.querySelectorAll("tr.form-row:not(.empty-form):not(.has_original)")];
    let row = rows().find((one) => !hasPhoto(one.querySelector(PHOTOS)));
    if (!row) {
      group.querySelector(".add-row a").click();
      row = rows().at(-1);
    }
    hold(row.querySelector(PHOTOS), photo);
  }
}

function hold(field, photo) {
  const held = new DataTransfer();
  held.items.add(photo);
  field.files = held.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function allowSeveral(root) {
  for (const field of root.querySelectorAll(PHOTOS)) field.multiple = true;
}

// A place to drop a pile of photos on, which opens the chooser as well. Without this script it is a field of the form.
function invite(group) {
  const chooser = document.getElementById("pile");
  if (!chooser) return;
  const box = chooser.parentElement;
  chooser.className = "visually-hidden";
  box.querySelector(".pile").before(chooser);
  chooser.addEventListener("change", () => {
    spread(group, [...chooser.files]);
    chooser.value = "";
  });
  group.querySelector("table").before(box);
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    group.addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      group.classList.toggle("dragging", type === "dragenter" || type === "dragover");
      if (type !== "drop") return;
      spread(group, [...event.dataTransfer.files]);
    });
  }
}

// What is dragged into order is moved by arrow keys as well.
function letKeysMove(group) {
  const { move, place } = group.querySelector(PHOTOS).dataset;
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  group.append(said);
  for (const handle of group.querySelectorAll("tr.has_original td.original p")) {
    Object.assign(handle, { tabIndex: 0, role: "button" });
    handle.setAttribute("aria-description", move);
    handle.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      const row = handle.closest("tr");
      const other = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
      if (!other?.matches(".has_original")) return;
      other[event.key === "ArrowUp" ? "before" : "after"](row);
      const rows = [...group.querySelectorAll("tr.has_original")];
      rows.forEach((one, number) => (one.querySelector("input._reorder_").value = number + 1));
      handle.focus();
      said.textContent = place.replace("%s", rows.indexOf(row) + 1).replace("%s", rows.length);
    });
  }
}

// Whether to publish without a photo is no question any more once there is one.
function answerQuestion(field) {
  const question = document.querySelector(".ask-photo");
  if (!question) return;
  const answer = () => {
    question.remove();
    field.closest(".inline-group").querySelector(".errorlist.nonform")?.remove();
  };
  keepFocus(answer, () => field);
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches(PHOTOS)) return;
  if (target.files.length > 1) {
    const [first, ...others] = target.files;
    hold(target, first);
    return spread(target.closest(".inline-group"), others);
  }
  const [photo] = target.files;
  forgetAlike(target.closest("tr"));
  const tooLarge = photo && photo.size > Number(target.dataset.maxBytes);
  if (tooLarge) return refuse(target, photo, target.dataset.tooLarge);
  keep(target, photo);
  if (!photo) return;
  answerQuestion(target);
  show(photo, target.closest("tr"));
  if (target.dataset.look) looking = looking.then(() => look(photo, target));
});

document.addEventListener("formset:added", ({ target }) => allowSeveral(target));
// Django removes a row with the link in it that was pressed.
document.addEventListener("formset:removed", ({ detail }) => {
  document.querySelector(`#${detail.formsetName}-group .add-row a`)?.focus();
});
document.documentElement.classList.add("with-photo-script");
allowSeveral(document);
for (const group of document.querySelectorAll(".inline-group")) {
  if (!group.querySelector(PHOTOS)) continue;
  invite(group);
  letKeysMove(group);
}
