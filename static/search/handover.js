// A photo on its way from another page of the shop to the search page: in this browser's database, for the moment between
// the two. The tab that handed it over takes it, and the database is deleted at once.

const NAME = "photo-handover";
const STORE = "photos";
// A tab that was closed on the way leaves its photo behind; the next page of the shop deletes it.
const STALE_MS = 60_000;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = request.onblocked = () => reject(request.error);
});

async function withStore(work) {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await done(opening);
  try {
    const transaction = database.transaction(STORE, "readwrite");
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
    const result = await work(transaction.objectStore(STORE));
    await ended;
    return result;
  } finally {
    database.close();
  }
}

// Rejects where the browser keeps nothing, as some do in private windows.
export async function handOver(photo) {
  const key = crypto.randomUUID?.() ?? String(Math.random());
  await withStore((store) => done(store.put({ photo, at: Date.now() }, key)));
  sessionStorage.setItem(NAME, key);
}

// Returns the photo that this tab was handed over, once; null if there is none.
export async function takeHandedOver() {
  try {
    const key = sessionStorage.getItem(NAME);
    if (!key) return null;
    sessionStorage.removeItem(NAME);
    const record = await withStore(async (store) => {
      const held = await done(store.get(key));
      await done(store.delete(key));
      return held;
    });
    await deleteIfUnused();
    return record?.photo ?? null;
  } catch {
    return null;
  }
}

// Deletes what a tab that was closed on its way left behind.
export async function deleteStale() {
  try {
    if (!(await indexedDB.databases()).some(({ name }) => name === NAME)) return;
    await withStore(async (store) => {
      const [keys, records] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
      const stale = keys.filter((_, place) => Date.now() - records[place].at > STALE_MS);
      await Promise.all(stale.map((key) => done(store.delete(key))));
    });
    await deleteIfUnused();
  } catch {
    // A browser that keeps nothing has nothing to delete.
  }
}

async function deleteIfUnused() {
  if (await withStore((store) => done(store.count()))) return;
  await done(indexedDB.deleteDatabase(NAME));
}
