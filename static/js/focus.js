// Keeps the keyboard's focus on something. A control that is hidden, disabled or removed loses it: in some browsers at
// once, in others at the next frame, and the next key then starts at the top of the page.

function canHold(element) {
  return element.isConnected && !element.matches(":disabled") && element.checkVisibility({ visibilityProperty: true });
}

// Makes a change. If it takes away the element that has the focus, `fallback` returns the one to focus instead.
export function keepFocus(change, fallback) {
  const held = document.activeElement ?? document.body;
  change();
  if (held === document.body || canHold(held)) return;
  const moved = document.activeElement && document.activeElement !== held && document.activeElement !== document.body;
  if (!moved) fallback()?.focus();
}

// A button that may have the focus is disabled in words, not with `disabled`, which would take the focus from it.
// Its handler asks isDisabled.
export function setDisabled(button, disabled) {
  button.setAttribute("aria-disabled", String(disabled));
}

export const isDisabled = (button) => button.getAttribute("aria-disabled") === "true";
