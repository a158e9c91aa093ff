// The photo that was searched with, beside its results, and the tools to search with another part or turn of it.

import { keepFocus } from "../js/focus.js";
import { turned } from "./photo.js";

// `state` is what the browser remembers of a search: preview, box, map, frame, quarters. `within` searches again with
// another frame or turn, `edit` opens the editor; where the photo itself is gone, after a reload, there are neither.
// Whoever is at a tool that is not needed any more is led to what the tools stand beside.
export function showQuery(part, state, { within, edit }) {
  keepFocus(
    () => show(part, state, { within, edit }),
    () => part.querySelector("[data-tool=frame]:not([hidden])") ?? document.querySelector("#found h2"),
  );
}

function show(part, state, { within, edit }) {
  const query = part.querySelector(".query");
  const photo = query.querySelector(".query-photo");
  // Its size first, so that nothing moves when it is there.
  photo.width = state.preview.width;
  photo.height = state.preview.height;
  photo.src = state.preview.address;
  query.hidden = false;

  const rect = query.querySelector(".query-box rect");
  const names = ["x", "y", "width", "height"];
  (state.frame ?? state.box).forEach((side, place) => rect.setAttribute(names[place], side));

  const [turn, frame, whole] = ["turn", "frame", "whole"].map((name) => part.querySelector(`[data-tool=${name}]`));
  turn.hidden = frame.hidden = !within;
  whole.hidden = !(within && state.frame);
  const quarters = state.quarters ?? 0;
  turn.onclick = () => within({ quarters: (quarters + 1) % 4, frame: state.frame && turned(state.frame, 1) });
  whole.onclick = () => within({ quarters, frame: null });
  frame.onclick = edit;
  photo.onclick = within ? edit : null;
}
