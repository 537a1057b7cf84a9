// Handing in: at once where there is a network; without one the wish is kept in the journal with the time at which it was
// made, said with the time until which the server takes it, and sent after all saves. The server believes its own clock.
import { clockTime } from "./time.js";

export function handing(root, journal, sender, { now, ends, share }) {
  const dialog = document.querySelector("[data-hand-over]");
  const part = (name) => dialog.querySelector(`[data-${name}]`);
  const shown = (instant) => clockTime(new Date(instant).toISOString(), root.dataset);
  const isAsked = () => journal.get("@submission") !== undefined;

  function facts() {
    const ticks = [...document.querySelectorAll("[data-tick]:not([data-tick=prediction])")];
    const which = (state) => ticks.filter((tick) => tick.matches(state)).map((tick) => tick.dataset.tick);
    const [empty, flagged, asked] = [which(":not(.is-answered)"), which(".is-flagged"), journal.get("@submission")];
    return {
      done: `${ticks.length - empty.length}/${ticks.length}`, empty: empty.join(", "), flagged: flagged.join(", "),
      kept: journal.positions().length || "", until: shown(ends()), at: asked ? shown(Date.parse(asked.at)) : "",
    };
  }

  // Stages: asking, before the wish; sending; queued, after it, without a network; retrying, while the server takes nothing;
  // late, once the time is over and nothing could be sent.
  function open(stage) {
    const values = facts();
    dialog.dataset.stage = stage;
    dialog.querySelectorAll("[data-line]").forEach((line) => {
      const [whole, name] = /\{(\w+)\}/.exec(line.dataset.line);
      line.textContent = line.dataset.line.replace(whole, values[name]);
      line.hidden = values[name] === "";
    });
    dialog.querySelectorAll("[data-of]").forEach((one) => { one.hidden = !one.dataset.of.split(" ").includes(stage); });
    if (!dialog.open) dialog.showModal();
  }

  // Whoever has to sign in first is not kept by a dialog from what the page says of it; the wish waits.
  function stand() {
    if (dialog && isAsked() && !sender.isForeign && !sender.isOut) open(now() > ends() ? "late" : sender.isOffline ? "queued" : "retrying");
    else if (dialog?.open && dialog.dataset.stage !== "asking") dialog.close();
  }

  function press() {
    share(journal.note("@submission", { at: new Date(now()).toISOString() }));
    if (sender.isCut) stand();
    else open("sending");
    sender.wake();
  }

  function withdraw() {
    journal.drop("@submission");
    share({ name: "@submission", isDropped: true });
    dialog.close();
  }

  if (dialog) {
    part("hand-in").addEventListener("click", press);
    dialog.querySelectorAll("[data-withdraw]").forEach((button) => button.addEventListener("click", withdraw));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (["asking", "queued", "retrying"].includes(dialog.dataset.stage)) withdraw();
    });
    document.addEventListener("paper:time", ({ detail }) => { if (detail === "over") stand(); });
  }
  // The review waits until everything is sent; so does the submission, by itself.
  function leaveBy(leave) {
    document.querySelectorAll("[data-review]").forEach((link) => link.addEventListener("click", (event) => {
      event.preventDefault();
      leave(() => location.assign(link.href), false);
    }));
    document.querySelectorAll("[data-submission]").forEach((form) => form.addEventListener("submit", (event) => {
      event.preventDefault();
      leave(() => form.submit(), true);
    }));
  }

  return { isAble: dialog !== null, ask: () => open("asking"), press, stand, leaveBy };
}
