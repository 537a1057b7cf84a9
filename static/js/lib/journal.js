// What was answered on this device and is not acknowledged yet, of one attempt of one person. The page reads it from
// memory at once; the shelf keeps it over reloads and crashes. Of each position it holds the latest change with its
// revision, in the order in which positions were first changed. Names with @ are no positions: @submission is the wish
// to hand in, @held what an input method was composing, @ends a later end than the page itself says.
import { findShelf } from "./shelf.js";

const DAY = 86_400_000;

export class Journal {
  constructor({ code, owner = "" }, ends) {
    Object.assign(this, { code, owner, until: ends + DAY, records: new Map(), shelf: null, lost: () => {} });
  }

  // What was put before the shelf was found is newer than what lies there.
  async open() {
    const { shelf, found } = await findShelf(this.owner, this.code);
    const fresh = [...this.records.values()];
    for (const record of found) if (!this.records.has(record.name)) this.records.set(record.name, record);
    this.turn(shelf, fresh);
  }

  turn(shelf, records) {
    this.shelf = shelf;
    records.forEach((record) => this.write(record));
    if (shelf.keepsNothing) this.lost();
  }

  async write(record) {
    const { shelf } = this;
    try {
      await shelf?.put(record);
    } catch {
      if (shelf === this.shelf) this.turn(shelf.next(), [...this.records.values()]);
    }
  }

  positions() {
    return [...this.records.values()].filter(({ name, savedAt }) => !name.startsWith("@") && !savedAt).map(({ name }) => name);
  }

  get(name) {
    return this.records.get(name);
  }

  // What is not acknowledged yet of a position.
  unsent(name) {
    return this.get(name)?.savedAt ? undefined : this.get(name);
  }

  saved() {
    return [...this.records.values()].filter(({ savedAt }) => savedAt);
  }

  // Changes in their order, and the wish to hand in after all of them.
  all() {
    const changes = this.positions().map((name) => this.get(name)).sort((a, b) => a.order - b.order);
    return this.records.has("@submission") ? [...changes, this.get("@submission")] : changes;
  }

  put(name, revision, value) {
    const order = this.unsent(name)?.order ?? 1 + Math.max(0, ...this.all().map((record) => record.order ?? 0));
    return this.note(name, { revision, value, order });
  }

  note(name, more) {
    const record = { owner: this.owner, code: this.code, name, until: this.until, ...more };
    this.records.set(name, record);
    this.write(record);
    return record;
  }

  // Acknowledged: it waits no more, and stays for a page that is opened from the device and is older than it.
  settle(name, revision, value, savedAt) {
    if (this.isUpTo(name, revision)) this.note(name, { revision, value, savedAt });
  }

  // Only up to the revision that was acknowledged; a newer one of the same position stays.
  drop(name, revision = Infinity) {
    if (!this.forget(name, revision)) return;
    this.shelf?.drop({ name, revision }).catch(() => {});
  }

  // Another tab has put, settled or dropped something; the shelf, which is common to all tabs, has it already.
  learn(record) {
    this.records.set(record.name, record);
  }

  learnSaved(name, revision, value, savedAt) {
    if (this.isUpTo(name, revision)) this.learn({ owner: this.owner, code: this.code, name, until: this.until, revision, value, savedAt });
  }

  forget(name, revision = Infinity) {
    return (this.get(name)?.revision ?? 0) <= revision && this.records.delete(name);
  }

  isUpTo(name, revision) {
    return (this.unsent(name)?.revision ?? 0) <= revision;
  }
}
