// The answers as they stand on the page: what each question says, with the revision that the server is known to hold.
import { read, write } from "./reading.js";

export class Answers {
  constructor(root) {
    this.root = root;
    this.questions = new Map([...root.querySelectorAll(".question")].map((one) => [one.dataset.position, one]));
    this.last = new Map([...this.questions].map(([position, one]) => [position, JSON.stringify(read(one))]));
    this.isTyping = () => false;
  }

  has(position) {
    return this.questions.has(position);
  }

  revision(position) {
    return this.questions.get(position)?.querySelector('[name^="revision-"]');
  }

  known(position) {
    return Number(this.revision(position)?.value ?? 0);
  }

  learn(position, value) {
    if (this.revision(position)) this.revision(position).value = Math.max(this.known(position), value);
  }

  // What somebody is writing is not written over.
  show(position, value) {
    const question = this.questions.get(position);
    if (!question || this.isTyping(question)) return;
    write(question, value);
    this.took(position, read(question));
  }

  // Whether a question says something else than it did when it was last looked at.
  isNew(question) {
    return JSON.stringify(read(question)) !== this.last.get(question.dataset.position);
  }

  took(position, value) {
    this.last.set(position, JSON.stringify(value));
    this.root.dispatchEvent(new CustomEvent("paper:changed"));
  }

  wrong(position, text) {
    const line = this.questions.get(position)?.querySelector("[data-error]");
    if (line) Object.assign(line, { textContent: text, hidden: text === "" });
  }
}

// Puts upon the page what lies on this device: what is not sent yet, what an input method was composing when the page went,
// and what was acknowledged after the page itself was written, which happens where it comes from the worker.
export async function resume(journal, answers, change) {
  await journal.open();
  for (const { name, revision, value } of journal.saved()) {
    if (revision > answers.known(name) && answers.has(name)) {
      answers.show(name, value);
      answers.learn(name, revision);
    } else if (answers.has(name)) journal.drop(name, revision);
  }
  journal.positions().forEach((position) => answers.show(position, journal.get(position).value));
  const held = journal.get("@held");
  if (!held || !answers.has(held.position)) return;
  journal.drop("@held");
  answers.show(held.position, held.value);
  change(held.position, held.value);
}
