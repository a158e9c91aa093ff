// The form of filters, whose numbers change with what it filters: the server's new one takes the place of its parts.

// Ends the watch over a field with text that is not searched with yet.
let typed = null;

// Whoever is at one of the controls keeps their place, and what they type.
export function refill(form, fresh) {
  typed?.abort();
  const held = form.contains(document.activeElement) ? document.activeElement : null;
  // Some browsers end what is being typed as its field is removed, others never do: it ends when the shopper leaves.
  const stop = (event) => event.stopPropagation();
  form.addEventListener("change", stop, { capture: true });
  form.replaceChildren(...fresh.childNodes);
  form.removeEventListener("change", stop, { capture: true });
  form.setAttribute("action", fresh.getAttribute("action"));
  const same = held && sameIn(form, held);
  if (!same) return;
  const rendered = same.value;
  if (same.type === "text") same.value = held.value;
  same.focus({ preventScroll: true });
  if (same.type !== "text") return;
  same.setSelectionRange(held.selectionStart, held.selectionEnd);
  if (same.value !== rendered) changeOnLeaving(same);
}

function sameIn(form, held) {
  const { category } = held.dataset;
  if (category !== undefined) return [...form.querySelectorAll("a")].find((link) => link.dataset.category === category);
  return held.name && [...form.elements].find(
    ({ name, type, value }) => name === held.name && (type !== "checkbox" || value === held.value),
  );
}

// To the browser nobody has typed into a field whose text a script has set: leaving it would change nothing.
export function changeOnLeaving(field) {
  typed = new AbortController();
  const { signal } = typed;
  field.addEventListener("change", () => typed.abort(), { signal });
  field.addEventListener("blur", () => field.dispatchEvent(new Event("change", { bubbles: true })), { signal });
}
