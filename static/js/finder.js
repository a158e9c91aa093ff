// Suggestions while one types in the search of the articles.

const PAUSE_MS = 200;

const field = document.getElementById("q");
const list = document.getElementById("suggestions");
let timer = 0;
let underWay = null;

async function suggest() {
  underWay?.abort();
  underWay = new AbortController();
  const address = new URL(field.dataset.suggestions, location);
  address.searchParams.set("q", field.value);
  try {
    const response = await fetch(address, { signal: underWay.signal });
    if (!response.ok) return;
    const { suggestions } = await response.json();
    list.replaceChildren(...suggestions.map((text) => new Option(text, text)));
  } catch {
    // Without a connection there are none.
  }
}

field?.addEventListener("input", () => {
  clearTimeout(timer);
  // What was chosen from the list needs no others.
  if ([...list.options].some(({ value }) => value === field.value)) return;
  timer = setTimeout(suggest, PAUSE_MS);
});
