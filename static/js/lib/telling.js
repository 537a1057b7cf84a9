// What a running paper says about its saves: the line beside the clock, and notices where something needs doing.
import { hush, icon, say } from "./notices.js";
import { clockTime } from "./time.js";

export function telling(root, outbox, paper) {
  const { receiptUrl, signInUrl } = root.dataset;
  const words = JSON.parse(root.dataset.words);
  const region = root.querySelector("[data-notices]");
  const waiting = () => outbox.positions().length;
  const notice = (key, kind, name, title, text, link) => say(region, key, {
    kind, name, link, title: title.replace("{n}", waiting()), text: text?.replace("{n}", waiting()),
  });

  const named = (text, position) => text.replace("{n}", position === "prediction" ? words.predictionName : position);

  const line = (state, text, drawing) => {
    const place = root.querySelector("[data-save-state]");
    place.dataset.state = state;
    place.replaceChildren(icon(drawing, 18), text);
    root.dispatchEvent(new CustomEvent("paper:unsent", { detail: outbox.positions() }));
  };

  return {
    sending: (isCalm) => { if (isCalm) line("saving", words.saving, "refresh-cw"); },

    saved: (position, body) => {
      paper.learn(position, body.revision);
      paper.wrong(position, "");
      ["refused", "moved"].forEach((key) => hush(region, key));
      document.dispatchEvent(new CustomEvent("paper:clock", { detail: { endsAt: body.ends_at, now: body.now } }));
      line("saved", words.saved.replace("{time}", clockTime(body.saved_at, root.dataset)), "check");
    },

    known: paper.learn,

    moved: (position, revision, value) => {
      paper.learn(position, revision);
      paper.show(position, value);
      say(region, "moved", { kind: "info", name: "info", title: named(words.moved, position) });
    },

    refused: (position, message) => {
      paper.wrong(position, message);
      const title = named(words.refused, position);
      say(region, "refused", { kind: "error", name: "circle-alert", title, text: message });
    },

    waiting: (failures) => {
      line("unsaved", words.unsaved.replace("{n}", waiting()), "cloud-off");
      if (region.querySelector('[data-key="signed-out"]') || (failures < 2 && navigator.onLine)) return;
      const [title, text] = navigator.onLine ? [words.retrying, words.retry] : [words.offline, words.kept];
      notice("offline", "warn", "wifi-off", title, text);
    },

    idle: () => {
      ["offline", "signed-out", "unsent"].forEach((key) => hush(region, key));
      root.dispatchEvent(new CustomEvent("paper:unsent", { detail: [] }));
      paper.idle();
    },

    over: (why) => {
      if (why === "late") notice("late", "warn", "clock-alert", words.late, words.lateText);
      setTimeout(() => location.assign(receiptUrl), why === "late" ? 2500 : 0);
    },

    signedOut: () => {
      hush(region, "offline");
      notice("signed-out", "warn", "log-in", words.signedOut, words.signedOutText, { text: words.signIn, href: signInUrl });
    },

    unsent: () => {
      notice("unsent", "warn", "triangle-alert", words.unsentTitle, words.unsentText);
      region.scrollIntoView({ block: "center" });
    },
  };
}
