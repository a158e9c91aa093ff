// Finding articles by photo: one that is chosen, dropped or pasted is made small, and sent at once.

import { takeDropped } from "../search/dropped.js";
import { prepare } from "../search/photo.js";

const form = document.getElementById("by-photo-form");
const field = form.querySelector("input[type=file]");

async function send(photo) {
  form.querySelector("[data-said]").textContent = form.dataset.sending;
  const held = new DataTransfer();
  const { blob } = await prepare(photo);
  held.items.add(new File([blob], "photo.jpg", { type: blob.type }));
  field.files = held.files;
  form.submit();
}

const sendChosen = () => field.files[0] && send(field.files[0]);

field.addEventListener("change", sendChosen);
// Chosen before this was here.
sendChosen();
takeDropped(form, send);
