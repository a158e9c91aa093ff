// What a shopper is told when a search fails.

export class Problem extends Error {
  // `curable`: whether the same photo may do another time.
  constructor(title, detail, { curable = true, waitSeconds = 0 } = {}) {
    super(title);
    Object.assign(this, { detail, curable, waitSeconds });
  }
}

export function asProblem(error, words) {
  if (error instanceof Problem) return error;
  if (error.name === "TimeoutError") return new Problem(words.failed, words.slow);
  return new Problem(words.failed, navigator.onLine ? words.again : words.offline);
}

// Returns the part of the page that tells of a problem. `photo`: the one to try again with, if there is one.
export function problemPart({ message, detail, curable, waitSeconds }, words, photo) {
  const part = document.getElementById("problem-template").content.cloneNode(true);
  part.querySelector("h2").textContent = message;
  const said = waitSeconds ? `${detail} ${words.wait.replace("%s", waitSeconds)}` : detail;
  part.querySelector(".problem-detail").textContent = said;
  part.querySelector("[data-retry]").hidden = !(curable && photo);
  return part;
}
