// Responses that are not acknowledged yet, kept on this device until they are; all tabs of an attempt share them.
import { keep, kept } from "./kept.js";

export class Outbox {
  constructor(code) {
    this.key = `unsent:${code}`;
    this.memory = "{}";
  }

  load() {
    return JSON.parse(kept(this.key) ?? this.memory);
  }

  store(entries) {
    const text = JSON.stringify(entries);
    const isEmpty = text === "{}";
    this.memory = keep(this.key, isEmpty ? null : text) ? "{}" : text;
  }

  positions() {
    return Object.keys(this.load());
  }

  get(position) {
    return this.load()[position];
  }

  // The oldest change first: what waits longest is sent first.
  first() {
    return Object.values(this.load()).sort((a, b) => a.since - b.since)[0];
  }

  put(position, revision, value) {
    const entries = this.load();
    entries[position] = { position, revision, value, since: entries[position]?.since ?? Date.now() };
    this.store(entries);
  }

  // Only the revision that was acknowledged; a newer one of the same position stays.
  drop(position, revision) {
    const entries = this.load();
    if (!entries[position] || entries[position].revision !== revision) return;
    delete entries[position];
    this.store(entries);
  }

  clear() {
    this.store({});
  }
}
