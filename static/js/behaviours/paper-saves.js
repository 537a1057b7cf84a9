// Keeps each answer as it is given: in the journal of this device first, then with the server, and says so only when that
// has answered. All tabs and devices in which the paper is open come to show the same.
import { Answers, resume } from "../lib/answers.js";
import { handing } from "../lib/handing.js";
import { Journal } from "../lib/journal.js";
import { read } from "../lib/reading.js";
import { Sender } from "../lib/sender.js";
import { Tabs } from "../lib/tabs.js";
import { telling } from "../lib/telling.js";
import { serverClock } from "../lib/time.js";
import { answering } from "../lib/typing.js";

const TURN = 4000; // what another tab has not sent by then is sent from here

export default async function paperSaves(root) {
  const now = serverClock(root.dataset.now);
  const told = root.querySelector(".clock").dataset.endsAt;
  let ends = Date.parse(told);
  const journal = new Journal(root.dataset, ends);
  const answers = new Answers(root);
  const tell = telling(root, journal, answers);
  const tabs = new Tabs(root.dataset, hear, tell.tabs);
  const share = (record) => tabs.tell({ kind: "record", record });
  let leaving = null;

  const sender = new Sender(journal, root.dataset, {
    ...tell,
    changed: share,
    saved(position, body, { value }) { tell.saved(position, body); tabs.tell({ kind: "saved", position, body, value }); },
    over(why) { tell.over(why); tabs.tell({ kind: "over", why }); },
    idle(isOffline) { tell.idle(isOffline); if (!isOffline) leaving?.(); },
    early(message) { tell.early(message); share({ name: "@submission", isDropped: true }); hand.stand(); },
    signedOut(why) { tell.signedOut(why); hand.stand(); },
    waiting(...how) {
      tell.waiting(...how);
      hand.stand();
      if (leaving && hand.isAble) { leaving = null; hand.ask(); }
    },
    looked({ responses, ends_at: endsAt, now: at }) {
      document.dispatchEvent(new CustomEvent("paper:clock", { detail: { endsAt, now: at } }));
      const isNews = ([position, one]) => answers.has(position) && one.revision > answers.known(position) && !journal.unsent(position);
      tell.moved(Object.fromEntries(Object.entries(responses).filter(isNews)));
      if (!journal.all().length) tell.idle(false);
    },
  });
  const hand = handing(root, journal, sender, { now, share, ends: () => ends });

  function change(position, value) {
    tell.answered();
    sender.change(position, answers.known(position), value);
    answers.took(position, value);
  }

  const typing = answering(root, {
    changed: (question) => { if (answers.isNew(question)) change(question.dataset.position, read(question)); },
    hold: (question) => journal.note("@held", { position: question.dataset.position, value: read(question) }),
    release: () => journal.drop("@held"),
  });
  answers.isTyping = typing.isTyping;

  // What another tab has put on the shelf stands here too; should that tab not send it, this one does.
  function hear({ kind, record, position, body, value, why }) {
    if (kind === "over") sender.end(why);
    if (kind === "bye") sender.wake();
    if (kind === "record") {
      if (record.isDropped) journal.forget(record.name);
      else journal.learn(record);
      answers.show(record.name, record.value);
      hand.stand();
      tell.sending(!sender.isOffline);
      setTimeout(() => sender.wake(), TURN);
    }
    if (kind === "saved") {
      journal.learnSaved(position, body.revision, value, body.saved_at);
      if (!journal.unsent(position) && body.revision > answers.known(position)) answers.show(position, value);
      tell.saved(position, body);
    }
  }

  function back() {
    sender.wake();
    sender.look();
    tabs.greet();
  }

  root.addEventListener("submit", (event) => event.preventDefault());
  hand.leaveBy((go, isSubmission) => {
    typing.settle(true);
    const isUploading = root.querySelector("[data-sending]");
    if (isSubmission && hand.isAble) return hand.press();
    if (!journal.positions().length && !isUploading && !(hand.isAble && sender.isCut)) return go();
    if (hand.isAble && sender.isCut && !isUploading) return hand.ask();
    leaving = go;
    tell.unsent();
    return sender.wake();
  });
  document.addEventListener("paper:clock", ({ detail: { endsAt } }) => {
    ends = Date.parse(endsAt);
    if (endsAt !== told && journal.get("@ends")?.endsAt !== endsAt) journal.note("@ends", { endsAt });
  });

  journal.lost = tell.nothingKept;
  await resume(journal, answers, change);
  const later = journal.get("@ends")?.endsAt;
  if (later > told) document.dispatchEvent(new CustomEvent("paper:clock", { detail: { endsAt: later, now: new Date(now()).toISOString() } }));
  tell.state(sender.isOffline);
  hand.stand();
  sender.wake();
  if (sender.isOffline) sender.look(true);

  ["online", "focus"].forEach((name) => addEventListener(name, back));
  addEventListener("offline", () => tell.state(true));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return back();
    typing.settle();
    return sender.wake();
  });
  addEventListener("pagehide", () => { typing.settle(); sender.flush(); });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
