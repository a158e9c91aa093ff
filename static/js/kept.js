// What this browser keeps for a shopper: ids of products on the wish list and of those viewed, in its localStorage and
// nowhere else. A browser may refuse to keep anything, and what is kept may have been damaged by hand.

export const MOST_WISHES = 100;
const MOST_VIEWED = 13;
// Of a shared computer nobody should learn much later what was viewed.
const VIEWED_DAYS = 30;
const DAY_MS = 86_400_000;
const KEYS = { wishes: "vitrine.wishes", viewed: "vitrine.viewed" };

const isId = (value) => Number.isSafeInteger(value) && value > 0;

function read(key) {
  try {
    const value = JSON.parse(localStorage.getItem(key));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

// Returns whether the browser keeps it.
function write(key, value) {
  try {
    if (value.length) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
    return true;
  } catch {
    return false;
  }
}

export function canKeep() {
  try {
    localStorage.setItem("vitrine.probe", "1");
    localStorage.removeItem("vitrine.probe");
    return true;
  } catch {
    return false;
  }
}

// The latest first.
export const wishes = () => [...new Set(read(KEYS.wishes).filter(isId))].slice(0, MOST_WISHES);

export const keepWishes = (ids) => write(KEYS.wishes, ids);

// Entries are [id, day since 1970].
const today = () => Math.floor(Date.now() / DAY_MS);
const views = () =>
  read(KEYS.viewed).filter((each) => Array.isArray(each) && isId(each[0]) && today() - each[1] < VIEWED_DAYS);

// The latest first.
export const viewed = () => [...new Set(views().map(([id]) => id))].slice(0, MOST_VIEWED);

export function keepViewed(id) {
  write(KEYS.viewed, [[id, today()], ...views().filter(([other]) => other !== id)].slice(0, MOST_VIEWED));
}

export const forgetViewed = () => write(KEYS.viewed, []);

// Calls back when another tab of this browser changed what is kept, or a page is come back to.
export function onChange(callback) {
  addEventListener("storage", ({ key }) => (key === null || Object.values(KEYS).includes(key)) && callback());
  addEventListener("pageshow", ({ persisted }) => persisted && callback());
}
