// Cards of products by their ids, as the server draws them: those that it still sells, in the order asked.

// Returns a part of the page with `<li data-card>` for each, and what is said of those that are gone. Throws if the server
// cannot be reached.
export async function fetchCards(address, ids) {
  const response = await fetch(`${address}?ids=${ids.join(",")}`);
  if (!response.ok) throw new Error(response.statusText);
  const part = document.createElement("template");
  part.innerHTML = await response.text();
  return part.content;
}

export const idOf = (card) => Number(card.dataset.card);
