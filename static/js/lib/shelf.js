// Where a journal lies on this device: in IndexedDB, else in localStorage, else nowhere. A shelf has all(), put() and
// drop(), which fail where it cannot keep anything; next() is the shelf to turn to then.
import { keep, kept, keptKeys } from "./kept.js";

const STORE = "journal";
const PATIENCE = 3000; // a browser that forbids it may neither open nor refuse
const DAY = 86_400_000;

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("hoi-thi", 1);
    setTimeout(() => reject(new Error("no answer")), PATIENCE);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ["owner", "code", "name"] });
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
  });
}

// Strict: acknowledged once it lies on the disk, so that a crash takes nothing.
function act(database, mode, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode, { durability: "strict" });
    const request = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

class Database {
  constructor(database, owner, code) {
    Object.assign(this, { database, owner, code });
  }

  all() {
    const mine = IDBKeyRange.bound([this.owner, this.code], [this.owner, this.code, []]);
    return act(this.database, "readonly", (store) => store.getAll(mine));
  }

  // Committed at once: a page that is being left does not live to see its transaction end by itself. What is acknowledged
  // takes no place of a newer change, which another tab may have put meanwhile.
  put(record) {
    const { owner, code, name, revision, savedAt } = record;
    if (savedAt) return act(this.database, "readwrite", (store) => this.putUnder(store, [owner, code, name], revision, record));
    return act(this.database, "readwrite", (store) => {
      const request = store.put(record);
      store.transaction.commit?.();
      return request;
    });
  }

  putUnder(store, key, revision, record) {
    const found = store.get(key);
    found.onsuccess = () => { if (found.result?.savedAt || (found.result?.revision ?? 0) <= revision) store.put(record); };
    return found;
  }

  // Only up to the revision that is meant: another tab may have put a newer one meanwhile.
  drop({ name, revision = Infinity }) {
    const key = [this.owner, this.code, name];
    return act(this.database, "readwrite", (store) => {
      const found = store.get(key);
      found.onsuccess = () => { if ((found.result?.revision ?? 0) <= revision) store.delete(key); };
      return found;
    });
  }

  next() {
    return new Local(this.owner, this.code, this);
  }
}

class Local {
  constructor(owner, code, before) {
    Object.assign(this, { owner, code, before, key: `unsent:${code}` });
  }

  read() {
    return near(this.code, this.owner).filter((one) => one.owner === this.owner);
  }

  write(records) {
    const text = records.length ? JSON.stringify(Object.fromEntries(records.map((one) => [one.name, one]))) : null;
    if (!keep(this.key, text)) throw new Error("nothing is kept");
  }

  async all() {
    return this.read();
  }

  async put(record) {
    this.write([...this.read().filter(({ name }) => name !== record.name), record]);
  }

  async drop({ name, revision = Infinity }) {
    this.before?.drop({ name, revision }).catch(() => {});
    this.write(this.read().filter((one) => one.name !== name || (one.revision ?? 0) > revision));
  }

  next() {
    return new Nowhere();
  }
}

// What stands there without an owner is of a time when the code alone named it.
function near(code, owner = "") {
  const found = Object.entries(JSON.parse(kept(`unsent:${code}`) ?? "{}"));
  return found.map(([name, record]) => ({ owner, code, ...record, name }));
}

class Nowhere {
  keepsNothing = true;

  async all() { return []; }

  async put() { /* the page itself holds it */ }

  async drop() { /* nothing lies here */ }
}

// What lies in localStorage was put there when the database took nothing more: it is the later, but for a higher revision.
function merged(far, near) {
  const found = new Map(far.map((record) => [record.name, record]));
  for (const record of near) {
    if (!((found.get(record.name)?.revision ?? 0) > (record.revision ?? 0))) found.set(record.name, record);
  }
  return [...found.values()];
}

// The first shelf that holds, and all that lies on this device for the attempt.
export async function findShelf(owner, code) {
  const local = new Local(owner, code);
  let found = local.read();
  try {
    const shelf = new Database(await open(), owner, code);
    found = merged(await shelf.all(), found);
    local.before = shelf;
    if (kept(local.key) !== null) await Promise.all(found.map((record) => shelf.put(record)));
    keep(local.key, null);
    return { shelf, found };
  } catch {
    const isKept = keep("probe", "1") && keep("probe", null);
    return { shelf: isKept ? local : new Nowhere(), found };
  }
}

// Every record on this device of whatever attempt, for what tidies up; a shelf to drop each from.
export async function everything() {
  const database = await open().catch(() => null);
  const far = database ? await act(database, "readonly", (store) => store.getAll()).catch(() => []) : [];
  const local = keptKeys("unsent:").flatMap((key) => near(key.slice("unsent:".length)));
  const lying = (record, shelf) => ({
    ...record, until: record.until ?? (record.since ?? 0) + DAY, drop: () => shelf.drop(record).catch(() => {}),
  });
  return [
    ...far.map((record) => lying(record, new Database(database, record.owner, record.code))),
    ...local.map((record) => lying(record, new Local(record.owner, record.code))),
  ];
}
