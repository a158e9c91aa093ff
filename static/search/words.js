// The field of words above the results, which comes anew with every answer.

// Makes a change that replaces the field. Whoever is in it keeps their place, and what they typed meanwhile; that is
// searched with once they leave the field, for which `changeOnLeaving` sees.
export function keepWords(found, change, changeOnLeaving) {
  const fieldOf = () => found.querySelector("[name=q]");
  const held = fieldOf() === document.activeElement ? fieldOf() : null;
  const caret = held && [held.selectionStart, held.selectionEnd];
  // Some browsers end what is being typed as its field is removed.
  const stop = (event) => event.stopPropagation();
  found.addEventListener("change", stop, { capture: true });
  change();
  found.removeEventListener("change", stop, { capture: true });
  const field = fieldOf();
  if (!held || !field) return;
  const searched = field.value;
  field.value = held.value;
  field.focus({ preventScroll: true });
  field.setSelectionRange(...caret);
  if (field.value.trim() !== searched) changeOnLeaving(field);
}
