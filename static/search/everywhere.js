// On every page of the shop but the search page: a photo that is dropped or pasted leads there, and is searched with.

import { takeDropped } from "./dropped.js";
import { deleteStale, handOver } from "./handover.js";

const overlay = document.getElementById("drop-anywhere");
const address = overlay.dataset.search;

async function search(photo) {
  try {
    await handOver(photo);
    location.assign(address);
  } catch {
    await sendByForm(photo);
  }
}

// Where the browser keeps nothing for the next page, as the page without scripts does: the results come without the photo.
async function sendByForm(photo) {
  const { prepare } = await import("./photo.js");
  const { blob } = await prepare(photo);
  const held = new DataTransfer();
  held.items.add(new File([blob], "photo.jpg", { type: blob.type }));
  const form = document.createElement("form");
  Object.assign(form, { method: "post", enctype: "multipart/form-data", action: address, hidden: true });
  const [token, image] = ["csrfmiddlewaretoken", "image"].map((name) => {
    const field = document.createElement("input");
    field.name = name;
    form.append(field);
    return field;
  });
  token.value = document.querySelector("[name=csrfmiddlewaretoken]").value;
  image.type = "file";
  image.files = held.files;
  document.body.append(form);
  form.submit();
}

takeDropped(document.body, search);
deleteStale();
