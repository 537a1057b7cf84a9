// Sends what lies in the journal, one after the other and from one tab at a time, until the server has acknowledged each;
// CONTRACT of the saves: saved, stale, conflict, closed, late, refused, early, signed out. Anything else is tried again, ever
// more patiently. A wish to hand in comes after all changes.
import { getResponses, postSubmission, putResponse, renew } from "./posting.js";
import { alone } from "./tabs.js";

const LONGEST = 30_000;
const TURN = 3000; // for how long another tab is waited for
const FRESH = 10_000; // what was heard so shortly ago is not asked again

export class Sender {
  constructor(journal, { saveUrl, submissionUrl, responsesUrl }, tell) {
    Object.assign(this, { journal, saveUrl, submissionUrl, responsesUrl, tell, failures: 0, touched: new Set() });
    Object.assign(this, { running: false, timer: 0, halted: false, isForeign: false, isOut: false, heardAt: 0, asking: false });
  }

  // A page that came from the device itself has not heard of the server yet, whatever the browser says of the network.
  get isOffline() {
    return !navigator.onLine || (this.heardAt === 0 && "keptAt" in document.documentElement.dataset);
  }

  get isCut() {
    return this.isOffline || this.failures > 0;
  }

  change(position, known, value) {
    this.touched.add(position);
    const record = this.journal.put(position, Math.max(known, this.journal.get(position)?.revision ?? 0) + 1, value);
    this.tell.changed(record);
    this.wake();
  }

  wake() {
    clearTimeout(this.timer);
    if (!this.running && !this.halted && this.journal.shelf) this.run();
  }

  // The page goes: what has not had its turn is sent at once, and stays in the journal all the same.
  flush() {
    if (this.halted || this.isForeign) return;
    const rest = this.journal.all().filter((record) => record !== this.current && record.name !== "@submission");
    rest.forEach((record) => this.send(record));
  }

  async run() {
    this.running = true;
    const isThrough = await alone(`send:${this.journal.owner}:${this.journal.code}`, TURN, () => this.drain());
    this.running = false;
    if (this.halted) return;
    if (isThrough) {
      this.tell.idle(this.isOffline);
      return;
    }
    this.tell.waiting(this.failures, this.isOffline);
    this.timer = setTimeout(() => this.wake(), Math.min(1000 * 2 ** (this.failures - 1), LONGEST) * (0.5 + Math.random()));
  }

  async drain() {
    while (!this.halted && ([this.current] = this.journal.all()) && this.current) {
      this.tell.sending(this.failures === 0);
      const isHeard = (!this.isForeign || await this.isOursAgain()) && await this.send(this.current);
      this.failures = isHeard ? 0 : this.failures + 1;
      this.isOut &&= !isHeard;
      if (!isHeard) break;
    }
    this.current = null;
    return this.failures === 0;
  }

  async send(record) {
    const isSubmission = record.name === "@submission";
    try {
      const { status, body } = await (isSubmission ? postSubmission(this.submissionUrl) : putResponse(this.saveUrl, record));
      this.heardAt = Date.now();
      return await this.judge(status, body, record);
    } catch {
      return false;
    }
  }

  // Returns whether the answer settles the record; false means to try again later.
  async judge(status, body, record) {
    if (status === 303) {
      this.end("closed");
    } else if (status === 200 && !body.stale) {
      this.journal.settle(record.name, record.revision, record.value, body.saved_at ?? body.now);
      this.tell.saved(record.name, body, record);
    } else if (status === 200 || (status === 409 && body.code === "conflict")) {
      this.rebase(record, body, status === 409 || this.touched.has(record.name));
      this.look(true);
    } else if (status === 409 && (body.code === "closed" || body.code === "late")) {
      if (body.code === "late") await this.leaveEvidence(record);
      this.end(body.code);
    } else if (status === 409 && body.code === "early") {
      this.journal.drop(record.name);
      this.tell.early(body.message);
    } else if (status === 422 || (status === 409 && (body.code === "left" || body.code === "not-yet"))) {
      this.journal.drop(record.name, record.revision);
      this.tell.refused(record.name, body.message);
    } else {
      if (status === 404) this.leave("foreign");
      if (status === 400 || status === 401 || status === 403) this.leave(await renew());
      return this.halted;
    }
    return true;
  }

  leave(why) {
    if (why === "closed") this.end(why);
    this.isForeign ||= why === "foreign";
    this.isOut = why === "out" || (this.isOut && why === "later");
    if (why === "foreign" || why === "out") this.tell.signedOut(why);
  }

  // The journal stays as it is until the receipt has read it: what lies in it did not arrive in time.
  end(why) {
    if (this.halted) return;
    this.halted = true;
    this.tell.over(why);
  }

  // Late is late for all of them; the server keeps each as evidence.
  leaveEvidence(late) {
    const rest = this.journal.all().filter(({ name }) => name !== late.name && name !== "@submission");
    return Promise.allSettled(rest.map((record) => putResponse(this.saveUrl, record)));
  }

  // Nothing goes out under another person's name: the server is asked whose the attempt is before anything is sent.
  async isOursAgain() {
    if (!this.responsesUrl) return true;
    const { status } = await getResponses(this.responsesUrl).catch(() => ({}));
    this.isForeign = status !== 200;
    return !this.isForeign;
  }

  // The server holds another revision: put one's own upon it, or take what is stored where nothing was changed here.
  rebase({ name }, { revision, value }, isOurs) {
    const waiting = this.journal.unsent(name);
    if (!waiting) return;
    const isSame = JSON.stringify(waiting.value) === JSON.stringify(value);
    if (isOurs && !isSame) this.tell.changed(this.journal.put(name, revision + 1, waiting.value));
    else this.journal.drop(name, waiting.revision);
    if (isOurs && !isSame) this.tell.ours(name, revision);
    else if (isSame) this.tell.known(name, revision);
    else this.tell.moved({ [name]: { revision, value } });
  }

  // On coming back: what another device has saved meanwhile is shown, but for what is changed here and not yet sent.
  async look(isUrgent = false) {
    if (!this.responsesUrl || this.halted || this.isForeign || this.asking || (!isUrgent && Date.now() - this.heardAt < FRESH)) return;
    this.asking = true;
    const { status, body } = await getResponses(this.responsesUrl).catch(() => ({}));
    this.asking = false;
    if (status) this.heardAt = Date.now();
    if (status === 404) this.leave("foreign");
    if (status === 401) this.leave("out");
    if (status === 200 && !body.open) this.end("closed");
    if (status === 200 && body.open) this.tell.looked(body);
  }
}
