// Saves each answer as it is given: into the outbox first, then to the server, and says so only when that has answered.
import { Outbox } from "../lib/outbox.js";
import { read, write } from "../lib/reading.js";
import { Sender } from "../lib/sender.js";
import { telling } from "../lib/telling.js";

const TYPING = 800;

export default function paperSaves(root) {
  const outbox = new Outbox(root.dataset.code);
  const questions = new Map([...root.querySelectorAll(".question")].map((q) => [q.dataset.position, q]));
  const revision = (position) => questions.get(position)?.querySelector('[name^="revision-"]');
  const known = (position) => Number(revision(position)?.value ?? 0);
  const last = new Map([...questions].map(([position, question]) => [position, JSON.stringify(read(question))]));
  const changes = () => root.dispatchEvent(new CustomEvent("paper:changed"));
  let isComposing = false;
  let typing = 0;
  let typed = null;
  let leaving = null;

  const tell = telling(root, outbox, {
    learn: (position, value) => { if (revision(position)) revision(position).value = Math.max(known(position), value); },
    show: (position, value) => { set(position, value); changes(); },
    wrong: (position, text) => {
      const line = questions.get(position)?.querySelector("[data-error]");
      if (line) Object.assign(line, { textContent: text, hidden: text === "" });
    },
    idle: () => { if (leaving) leaving(); },
  });
  const sender = new Sender(outbox, root.dataset.saveUrl, tell);

  function set(position, value) {
    if (!questions.has(position)) return;
    write(questions.get(position), value);
    last.set(position, JSON.stringify(read(questions.get(position))));
  }

  function changed(question) {
    clearTimeout(typing);
    typed = null;
    const { position } = question.dataset;
    const value = read(question);
    if (isComposing || JSON.stringify(value) === last.get(position)) return;
    last.set(position, JSON.stringify(value));
    sender.change(position, known(position), value);
    changes();
  }

  const settle = () => { if (typed) changed(typed); };

  root.addEventListener("compositionstart", () => { isComposing = true; });
  root.addEventListener("compositionend", (event) => {
    isComposing = false;
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
  root.addEventListener("input", ({ target }) => {
    const question = target.closest(".question");
    if ("order" in target.dataset) {
      target.dataset.touched = "";
      changed(question);
    }
    if (!("typed" in target.dataset)) return;
    if (typed && typed !== question) settle();
    clearTimeout(typing);
    typed = question;
    typing = setTimeout(settle, TYPING);
  });
  root.addEventListener("change", ({ target }) => { if (target.closest(".question")) changed(target.closest(".question")); });
  root.addEventListener("click", ({ target }) => {
    if (target.closest("[data-keep-order]")) target.closest(".question").querySelector("[data-order]").dispatchEvent(new Event("input", { bubbles: true }));
  });
  root.addEventListener("submit", (event) => event.preventDefault());

  leaveOnlyWhenSent((go) => {
    settle();
    if (outbox.positions().length === 0 && !root.querySelector("[data-sending]")) return go();
    leaving = go;
    tell.unsent();
    return sender.wake();
  });

  outbox.positions().forEach((position) => set(position, outbox.get(position).value));
  ["online", "focus"].forEach((name) => addEventListener(name, () => sender.wake()));
  addEventListener("pagehide", settle);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  sender.wake();
}

// The review and the submission wait until everything is sent.
function leaveOnlyWhenSent(leave) {
  document.querySelectorAll("[data-review]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    leave(() => location.assign(link.href));
  }));
  document.querySelectorAll("[data-submission]").forEach((form) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave(() => form.submit());
  }));
}
