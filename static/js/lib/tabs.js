// The tabs in which one attempt is open on this device tell each other what changes. Where there are no channels, what is
// told goes by way of localStorage, whose changes the other tabs hear.
import { keep } from "./kept.js";

const ANSWER = 500; // for how long the others are waited for before they count as gone

export class Tabs {
  constructor({ code, owner = "" }, hear, count) {
    Object.assign(this, { name: `paper:${owner}:${code}`, id: String(Math.random()), others: new Set(), hear, count });
    if ("BroadcastChannel" in self) {
      this.channel = new BroadcastChannel(this.name);
      this.channel.onmessage = ({ data }) => this.take(data);
    } else {
      addEventListener("storage", ({ key, newValue }) => { if (key === `hoi-thi:${this.name}` && newValue) this.take(JSON.parse(newValue)); });
    }
    addEventListener("pagehide", () => this.tell({ kind: "bye" }));
    this.greet();
  }

  // A tab that crashed has said no goodbye: whoever is still there answers anew.
  greet() {
    this.others.clear();
    this.tell({ kind: "hello" });
    setTimeout(() => this.count(this.others.size), ANSWER);
  }

  tell(message) {
    const whole = { ...message, from: this.id };
    if (this.channel) this.channel.postMessage(whole);
    else if (keep(this.name, JSON.stringify(whole))) keep(this.name, null);
  }

  take(message) {
    if (message.from === this.id) return;
    if (message.kind === "bye") this.others.delete(message.from);
    else this.others.add(message.from);
    if (message.kind === "hello") this.tell({ kind: "here" });
    this.count(this.others.size);
    this.hear(message);
  }
}

// One tab at a time. Whoever waits too long goes ahead: what is sent twice is still one save.
export async function alone(name, patience, work) {
  if (!navigator.locks) return work();
  let isHeld = false;
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), patience);
  try {
    return await navigator.locks.request(name, { signal: waiting.signal }, () => {
      isHeld = true;
      clearTimeout(timer);
      return work();
    });
  } catch (error) {
    if (isHeld) throw error;
    return work();
  }
}
