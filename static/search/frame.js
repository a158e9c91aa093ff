// A frame around a part of the photo, to be moved and made larger or smaller: by finger, mouse, or arrow keys.

const LEAST = 0.08;
const STEP = 0.02;
const STRIDE = 0.1;
const CORNERS = ["top-left", "top-right", "bottom-left", "bottom-right"];
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// Returns the frame with one of its handles moved by fractions of the photo, within the photo.
export function moved([left, top, width, height], handle, x, y) {
  if (handle === "whole") return [clamp(left + x, 0, 1 - width), clamp(top + y, 0, 1 - height), width, height];
  let [right, bottom] = [left + width, top + height];
  if (handle.endsWith("left")) left = clamp(left + x, 0, right - LEAST);
  else right = clamp(right + x, left + LEAST, 1);
  if (handle.startsWith("top")) top = clamp(top + y, 0, bottom - LEAST);
  else bottom = clamp(bottom + y, top + LEAST, 1);
  return [left, top, right - left, bottom - top];
}

// Puts a frame over a picture. `changed` is called with [left, top, width, height], in fractions, at each change.
export function frameOver(holder, start, names, changed) {
  const element = document.createElement("div");
  element.className = "frame";
  let frame = start;

  function place() {
    const [left, top, width, height] = frame.map((part) => `${part * 100}%`);
    Object.assign(element.style, { left, top, width, height });
    const [x, y, across, down] = frame.map((part) => Math.round(part * 100));
    handles[0].setAttribute("aria-label", `${names.whole} (${x}, ${y}; ${across} × ${down} %)`);
  }

  const handles = ["whole", ...CORNERS].map((handle) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `frame-${handle === "whole" ? "whole" : `corner ${handle}`}`;
    button.setAttribute("aria-label", names[handle]);
    button.setAttribute("aria-description", names.keys);
    button.addEventListener("pointerdown", (event) => drag(event, button, handle));
    // Else a drag selects the page around it, and the next one drags that selection away.
    button.addEventListener("mousedown", (event) => {
      event.preventDefault();
      button.focus({ preventScroll: true });
    });
    button.addEventListener("keydown", (event) => {
      const [x, y] = KEYS[event.key] ?? [];
      if (x === undefined) return;
      event.preventDefault();
      const step = event.shiftKey ? STRIDE : STEP;
      frame = moved(frame, handle, x * step, y * step);
      place();
      changed(frame);
    });
    return button;
  });

  function drag(event, button, handle) {
    if (event.button) return;
    button.setPointerCapture(event.pointerId);
    const { width, height } = holder.getBoundingClientRect();
    const begun = { frame, x: event.clientX, y: event.clientY };
    const follow = ({ clientX, clientY }) => {
      frame = moved(begun.frame, handle, (clientX - begun.x) / width, (clientY - begun.y) / height);
      place();
    };
    const end = ({ type }) => {
      button.removeEventListener("pointermove", follow);
      button.removeEventListener("pointerup", end);
      button.removeEventListener("pointercancel", end);
      if (type === "pointercancel") frame = begun.frame;
      place();
      if (String(frame) !== String(begun.frame)) changed(frame);
    };
    button.addEventListener("pointermove", follow);
    button.addEventListener("pointerup", end);
    button.addEventListener("pointercancel", end);
  }

  element.append(...handles);
  place();
  holder.append(element);
}

// Draws what was looked at, rows of numbers from 0 to 1, as a veil over the rest of the part of the photo it is of.
export function veilOver(holder, map, [left, top, width, height]) {
  const canvas = document.createElement("canvas");
  canvas.className = "veil";
  canvas.width = map[0].length;
  canvas.height = map.length;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, canvas.height);
  map.flat().forEach((seen, place) => pixels.data.set([15, 12, 10, Math.round((1 - Math.sqrt(seen)) * 180)], place * 4));
  context.putImageData(pixels, 0, 0);
  const percent = [left, top, width, height].map((part) => `${part * 100}%`);
  Object.assign(canvas.style, { left: percent[0], top: percent[1], width: percent[2], height: percent[3] });
  holder.append(canvas);
}
