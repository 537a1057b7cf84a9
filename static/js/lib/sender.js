// Sends what lies in the outbox, one after the other, until the server has acknowledged each; CONTRACT of the saves:
// saved, stale, conflict, closed, late, refused, signed out. Anything else is tried again, ever more patiently.
const LONGEST = 30_000;
const PATIENCE = 10_000;

export class Sender {
  constructor(outbox, url, tell) {
    Object.assign(this, { outbox, url, tell, failures: 0, touched: new Set(), running: false, timer: 0, halted: false });
  }

  change(position, known, value) {
    this.touched.add(position);
    const waiting = this.outbox.get(position);
    this.outbox.put(position, Math.max(known, waiting?.revision ?? 0) + 1, value);
    this.wake();
  }

  wake() {
    clearTimeout(this.timer);
    if (!this.running && !this.halted) this.run();
  }

  async run() {
    this.running = true;
    let entry;
    while ((entry = this.outbox.first()) && !this.halted) {
      this.tell.sending(this.failures === 0);
      const isHeard = await this.send(entry);
      this.failures = isHeard ? 0 : this.failures + 1;
      if (isHeard) continue;
      this.running = false;
      this.tell.waiting(this.failures);
      this.timer = setTimeout(() => this.wake(), Math.min(1000 * 2 ** (this.failures - 1), LONGEST) * (0.5 + Math.random()));
      return;
    }
    this.running = false;
    if (!this.halted) this.tell.idle();
  }

  async send(entry) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    try {
      const answer = await fetch(`${this.url}/${entry.position}`, {
        method: "PUT",
        keepalive: true,
        signal: patience.signal,
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ revision: entry.revision, value: entry.value }),
      });
      return await this.judge(answer.status, await answer.json(), entry);
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  // Returns whether the answer settles the entry; false means to try again later.
  async judge(status, body, entry) {
    if (status === 200 && !body.stale) {
      this.outbox.drop(entry.position, entry.revision);
      this.tell.saved(entry.position, body);
    } else if (status === 200 || (status === 409 && body.code === "conflict")) {
      this.rebase(entry, body, status === 409 || this.touched.has(entry.position));
    } else if (status === 409 && (body.code === "closed" || body.code === "late")) {
      this.halted = true;
      this.outbox.clear();
      this.tell.over(body.code);
    } else if (status === 422 || (status === 409 && (body.code === "left" || body.code === "not-yet"))) {
      this.outbox.drop(entry.position, entry.revision);
      this.tell.refused(entry.position, body.message);
    } else if (status === 400 || status === 401 || status === 403 || status === 404) {
      const isRenewed = status !== 404 && await renew();
      if (!isRenewed) this.tell.signedOut();
      return false;
    } else {
      return false;
    }
    return true;
  }

  // The server holds another revision: put one's own upon it, or take what is stored where nothing was changed here.
  rebase(entry, { revision, value }, isOurs) {
    const waiting = this.outbox.get(entry.position);
    if (!waiting) return;
    const isSame = JSON.stringify(waiting.value) === JSON.stringify(value);
    if (isOurs && !isSame) this.outbox.put(entry.position, revision + 1, waiting.value);
    else this.outbox.drop(entry.position, waiting.revision);
    if (isOurs || isSame) this.tell.known(entry.position, revision);
    else this.tell.moved(entry.position, revision, value);
  }
}

export const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

// A new session has a new token; the page itself tells it, unless one is signed out.
async function renew() {
  const before = token();
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('meta[name="csrf-token"]')?.content;
  if (!fresh || fresh === before) return false;
  document.querySelector('meta[name="csrf-token"]').content = fresh;
  document.querySelectorAll('input[name="csrf_token"]').forEach((input) => { input.value = fresh; });
  return true;
}
