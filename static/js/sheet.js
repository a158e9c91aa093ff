// The filters on a small screen: a dialog that rises from below, over the results that change with them. On a large one,
// and without this module, they stand beside the results.

const WIDE = matchMedia("(min-width: 60rem)");

// What changes with the results: how many articles there are, and whether there are filters to clear.
const CHANGING = ["[data-sheet-total]", "[data-sheet-clear]"];

const sheetOf = (results) => results.querySelector("[data-sheet]");

export function setUpSheet(results) {
  const form = () => results.querySelector("[data-filters]");

  function open() {
    const sheet = sheetOf(results);
    sheet.querySelector("[data-sheet-body]").append(form());
    sheet.showModal();
  }

  // What is outside of a dialog belongs to it, as its backdrop. A press that begins on a slider may end there.
  let pressed = null;
  results.addEventListener("pointerdown", ({ target }) => (pressed = target));
  results.addEventListener("click", ({ target }) => {
    const outside = target.matches("[data-sheet]") && pressed === target;
    if (target.closest("[data-sheet-open]")) open();
    else if (outside || target.closest("[data-sheet-close]")) sheetOf(results).close();
  });
  // The button that opened it may be another one by now.
  results.addEventListener("close", ({ target }) => {
    if (!target.matches("[data-sheet]")) return;
    results.querySelector("[data-filters-home]").append(form());
    results.querySelector("[data-sheet-open]")?.focus({ preventScroll: true });
  }, { capture: true });
  WIDE.addEventListener("change", () => sheetOf(results)?.close());
}

// Says in the sheet what the results have become. `fresh` is the answer of the server.
export function updateSheet(results, fresh) {
  const sheet = sheetOf(results);
  const next = sheetOf(fresh);
  if (!sheet || !next) return;
  for (const selector of CHANGING) {
    const [old, now] = [sheet, next].map((each) => each.querySelector(selector));
    old.textContent = now.textContent.trim();
    old.hidden = now.hidden;
    if (now.hasAttribute("href")) old.setAttribute("href", now.getAttribute("href"));
  }
  if (sheet.open) sheet.querySelector("[data-sheet-status]").textContent = next.querySelector(CHANGING[0]).textContent.trim();
}
