// The photo, large, in a dialog: turned by quarters, and framed, before it is searched with again.

import { frameOver, veilOver } from "./frame.js";
import { drawn, read, turned, WHOLE } from "./photo.js";

// Sharp enough for a finger to find an edge by, whatever the photo has.
const SHOWN_SIDE = 1400;

// Sets the dialog up. Returns what opens it: `state` is what the browser remembers of the search, `search` is called with
// the frame and the quarter turns that are chosen.
export function setUpEditor(dialog, words) {
  const part = (name) => dialog.querySelector(`[data-editor=${name}]`);
  const holder = part("photo");
  const canvas = holder.querySelector("canvas");
  const names = {
    whole: words.frame,
    keys: words.frameKeys,
    "top-left": words.topLeft,
    "top-right": words.topRight,
    "bottom-left": words.bottomLeft,
    "bottom-right": words.bottomRight,
  };
  let bitmap = null;
  let session = null;

  function show() {
    const { state, frame, quarters } = session;
    drawn(bitmap, SHOWN_SIDE, { quarters }, canvas);
    holder.querySelector(".frame")?.remove();
    frameOver(holder, frame, names, (changed) => (session.frame = changed));
    showFocus(false);
    // The class map is of the photo as it was turned then.
    part("focus").hidden = !state.map || quarters !== (state.quarters ?? 0);
  }

  function showFocus(on) {
    holder.querySelector(".veil")?.remove();
    part("focus").setAttribute("aria-pressed", String(on));
    if (on) veilOver(holder, session.state.map, session.state.frame ?? WHOLE);
  }

  part("turn").addEventListener("click", () => {
    session.quarters = (session.quarters + 1) % 4;
    session.frame = turned(session.frame, 1);
    show();
  });
  part("focus").addEventListener("click", () => showFocus(part("focus").getAttribute("aria-pressed") !== "true"));
  part("close").addEventListener("click", () => dialog.close());
  part("search").addEventListener("click", () => {
    const { search, frame, quarters } = session;
    dialog.close();
    search({ frame, quarters });
  });
  // The photo is held in memory only as long as it is seen.
  dialog.addEventListener("close", () => {
    bitmap?.close();
    bitmap = session = null;
    canvas.width = canvas.height = 0;
    holder.querySelector(".frame")?.remove();
    holder.querySelector(".veil")?.remove();
  });

  return async (photo, state, search) => {
    bitmap = await read(photo);
    session = { state, search, frame: state.frame ?? state.box ?? WHOLE, quarters: state.quarters ?? 0 };
    show();
    dialog.showModal();
    holder.querySelector(".frame-whole").focus();
  };
}
