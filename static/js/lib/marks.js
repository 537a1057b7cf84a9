// The state of every question as ticks, map and counts show it: answered, marked, unsaved, current.
import { keep, kept } from "./kept.js";
import { read } from "./reading.js";

export class Marks {
  constructor(root, questions, words) {
    Object.assign(this, { root, questions, words, unsent: new Set() });
    this.key = `flags:${root.dataset.code}`;
    this.flags = new Set(JSON.parse(kept(this.key) ?? "[]"));
  }

  toggle(position) {
    if (!this.flags.delete(position)) this.flags.add(position);
    keep(this.key, this.flags.size ? JSON.stringify([...this.flags]) : null);
    this.show();
  }

  show(current = this.current) {
    this.current = current;
    const answered = new Map(this.questions.map((q) => [q.dataset.position, read(q) !== null]));
    for (const question of this.questions) this.one(question, answered.get(question.dataset.position));
    const numbered = [...answered].filter(([position]) => position !== "prediction");
    this.counts = {
      answered: numbered.filter(([, is]) => is).length,
      empty: numbered.filter(([, is]) => !is).length,
      flagged: this.flags.size,
    };
    for (const [name, count] of Object.entries(this.counts)) {
      const place = document.querySelector(`[data-count="${name}"]`);
      if (place) place.textContent = count;
    }
  }

  one(question, isAnswered) {
    const { position } = question.dataset;
    const is = { answered: isAnswered, flagged: this.flags.has(position), unsaved: this.unsent.has(position), current: position === this.current };
    const tick = this.root.querySelector(`[data-tick="${position}"]`);
    const cell = document.querySelector(`[data-cell="${position}"]`);
    for (const [name, on] of Object.entries(is)) tick.classList.toggle(`is-${name}`, on);
    cell.classList.toggle("is-answered", is.answered);
    cell.classList.toggle("is-unsaved", is.unsaved);
    cell.toggleAttribute("aria-current", is.current);
    if (is.current) cell.setAttribute("aria-current", "true");
    cell.querySelector(".map__flag").hidden = !is.flagged;
    const { words } = this;
    cell.querySelector("[data-state]").textContent =
      [is.answered ? words.answered : words.empty, is.flagged && words.flagged, is.unsaved && words.unsent]
        .filter(Boolean).map((word) => `, ${word}`).join("");
    const flag = question.querySelector("[data-flag]");
    if (!flag) return;
    flag.setAttribute("aria-pressed", String(is.flagged));
    flag.querySelector("span").textContent = is.flagged ? words.unmark : words.mark;
  }
}
