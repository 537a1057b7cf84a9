// What a running paper says about its saves: the line beside the clock, and notices where something needs doing.
import { hush, icon, say } from "./notices.js";
import { clockTime } from "./time.js";

export function telling(root, journal, answers) {
  const { dataset } = root;
  const words = JSON.parse(dataset.words);
  const region = root.querySelector("[data-notices]");
  const waiting = () => journal.positions().length;
  const has = (key) => region.querySelector(`[data-key="${key}"]`) !== null;
  const named = (text, position) => text.replace("{n}", position === "prediction" ? words.predictionName : position);
  const lastSaved = () => [dataset.savedAt, ...journal.saved().map(({ savedAt }) => savedAt)].filter(Boolean).sort().at(-1);

  const notice = (key, kind, name, title, text, link) => say(region, key, {
    kind, name, link, title: title.replace("{n}", waiting()), text: text?.replace("{n}", waiting()),
  });

  function line(state, text, drawing) {
    const place = root.querySelector("[data-save-state]");
    place.dataset.state = state;
    place.replaceChildren(icon(drawing, 18), text);
    root.dispatchEvent(new CustomEvent("paper:unsent", { detail: journal.positions() }));
  }

  // How things stand when nothing is on its way: what waits, and whether there is a line at all.
  function state(isCut) {
    const [unsent, savedAt] = [waiting(), lastSaved()];
    const saved = savedAt ? words.saved.replace("{time}", clockTime(savedAt, dataset)) : words.fresh;
    if (isCut && unsent) line("unsaved", words.keptHere.replace("{n}", unsent), "wifi-off");
    else if (isCut) line("unsaved", savedAt ? words.cut.replace("{saved}", saved) : words.offline, "wifi-off");
    else if (unsent) line("unsaved", words.unsaved.replace("{n}", unsent), "cloud-off");
    else line("saved", saved, "check");
  }

  return {
    state,

    // Whoever answers on has seen what was said of other places.
    answered: () => ["moved", "ours"].forEach((key) => hush(region, key)),

    sending: (isCalm) => { if (isCalm && waiting()) line("saving", words.saving, "refresh-cw"); },

    saved: (position, body) => {
      answers.learn(position, body.revision);
      answers.wrong(position, "");
      hush(region, "refused");
      document.dispatchEvent(new CustomEvent("paper:clock", { detail: { endsAt: body.ends_at, now: body.now } }));
      if (waiting()) line("saving", words.saving, "refresh-cw");
      else state(false);
    },

    known: (position, revision) => answers.learn(position, revision),

    ours: (position, revision) => {
      answers.learn(position, revision);
      say(region, "ours", { kind: "info", name: "info", title: named(words.ours, position) });
    },

    moved: (responses) => {
      const positions = Object.keys(responses);
      positions.forEach((position) => {
        answers.learn(position, responses[position].revision);
        answers.show(position, responses[position].value);
      });
      const title = positions.length === 1 ? named(words.moved, positions[0]) : words.movedMany.replace("{n}", positions.length);
      if (positions.length) say(region, "moved", { kind: "info", name: "info", title });
    },

    refused: (position, message) => {
      answers.wrong(position, message);
      say(region, "refused", { kind: "error", name: "circle-alert", title: named(words.refused, position), text: message });
    },

    waiting: (failures, isCut) => {
      state(isCut);
      if (has("signed-out") || !waiting() || (failures < 2 && !isCut)) return;
      const [title, text] = isCut ? [words.offline, words.kept] : [words.retrying, words.retry];
      notice("offline", "warn", "wifi-off", title, text);
    },

    idle: (isOffline) => {
      ["offline", "signed-out", "unsent"].forEach((key) => hush(region, key));
      state(isOffline);
    },

    over: (why) => {
      if (why === "late") notice("late", "warn", "clock-alert", words.late, words.lateText);
      setTimeout(() => location.assign(dataset.receiptUrl), why === "late" ? 2500 : 0);
    },

    early: (message) => {
      say(region, "early", { kind: "info", name: "clock", title: words.early, text: message });
      region.scrollIntoView({ block: "center" });
    },

    signedOut: (why) => {
      hush(region, "offline");
      const [title, text] = why === "foreign" ? [words.foreign, words.foreignText] : [words.signedOut, words.signedOutText];
      notice("signed-out", "warn", "log-in", title, text, { text: words.signIn, href: dataset.signInUrl });
    },

    unsent: () => {
      notice("unsent", "warn", "triangle-alert", words.unsentTitle, words.unsentText);
      region.scrollIntoView({ block: "center" });
    },

    nothingKept: () => notice("nothing-kept", "warn", "triangle-alert", words.nothingKept, words.nothingKeptText),

    tabs: (count) => {
      if (count) say(region, "tabs", { kind: "neutral", name: "info", title: words.tabs, text: words.tabsText });
      else hush(region, "tabs");
    },
  };
}
