// The photo that was searched with, above its results: what was looked at, and the frame to search within.

import { keepFocus } from "../js/focus.js";
import { frameOver, veilOver } from "./frame.js";

const WHOLE = [0, 0, 1, 1];

// `state` is what the browser remembers of a search: preview, map, saved, frame. `within` searches again with a frame;
// where the photo itself is gone, after a reload, there is none to change. Whoever is at a tool that is not needed any
// more is led to the frame, or to what the tools stand beside.
export function showQuery(element, state, { words, within }) {
  keepFocus(
    () => show(element, state, { words, within }),
    () => element.querySelector(".frame button") ?? document.querySelector("#found h2"),
  );
}

function show(element, state, { words, within }) {
  const holder = element.querySelector(".query-frame");
  const box = element.querySelector(".query-box");
  const look = element.querySelector("[data-look]");
  const whole = element.querySelector("[data-whole]");
  holder.querySelector("img").src = state.preview;
  holder.querySelector("canvas")?.remove();
  element.hidden = false;

  const sent = element.querySelector("[data-sent]");
  sent.textContent = state.saved ?? "";
  sent.hidden = !state.saved;

  element.querySelector("[data-tools]").hidden = !state.map && !within;
  look.hidden = !state.map;
  look.setAttribute("aria-pressed", "false");
  look.onclick = () => {
    const on = look.getAttribute("aria-pressed") !== "true";
    look.setAttribute("aria-pressed", String(on));
    if (on) veilOver(holder, state.map, state.frame ?? WHOLE);
    else holder.querySelector("canvas")?.remove();
  };

  whole.hidden = !(within && state.frame);
  whole.onclick = () => within(null);
  const { x, y, width, height } = box.querySelector("rect").attributes;
  box.toggleAttribute("hidden", Boolean(within || state.frame));
  // Searching with the whole photo puts the frame back to where the model looked.
  if (!state.frame) holder.querySelector(".frame")?.remove();
  if (!within || holder.querySelector(".frame")) return;
  const start = state.frame ?? [x, y, width, height].map(({ value }) => Number(value));
  const names = {
    whole: words.frame,
    keys: words.frameKeys,
    "top-left": words.topLeft,
    "top-right": words.topRight,
    "bottom-left": words.bottomLeft,
    "bottom-right": words.bottomRight,
  };
  frameOver(holder, start, names, within);
}
