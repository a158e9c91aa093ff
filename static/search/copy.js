// Copies samples of code, and says so to those who do not see it. Without this module they are selected by hand.

function select(sample) {
  const range = document.createRange();
  range.selectNodeContents(sample);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function copy(button, said, { copied, select: selected }) {
  const sample = button.parentElement.querySelector("[data-sample] code");
  // Emptied first, so that the same words are announced each time.
  said.textContent = "";
  try {
    await navigator.clipboard.writeText(sample.textContent.trim());
    said.textContent = copied;
  } catch {
    // No clipboard without HTTPS, or no leave to use it.
    select(sample);
    said.textContent = selected;
  }
}

for (const page of document.querySelectorAll("[data-copies]")) {
  const said = page.querySelector("[data-copy-said]");
  for (const button of page.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button, said, page.dataset));
  }
}
