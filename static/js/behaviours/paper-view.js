// One question at a time or all of them, the map, marks, and the keys: A–D and 1–9 choose, arrows move, F marks.
import { keep, kept } from "../lib/kept.js";
import { Marks } from "../lib/marks.js";
import { hush, say } from "../lib/notices.js";
import { sheet } from "../lib/sheet.js";

export default function paperView(root) {
  const page = document.documentElement;
  const words = JSON.parse(root.dataset.words);
  const questions = [...root.querySelectorAll(".question")];
  const marks = new Marks(root, questions, words);
  const map = root.querySelector("[data-map]");
  const mapSheet = sheet(map, words.map, words.close);
  const region = root.querySelector("[data-notices]");
  const find = (position) => questions.find((q) => q.dataset.position === position);
  const numbered = root.dataset.total ?? questions.filter((q) => q.dataset.position !== "prediction").length;
  const back = root.querySelector('[data-go="back"]');
  const isLed = "leaveWord" in root.dataset; // what is left cannot be opened again: no key alone leaves it
  const letters = root.querySelector("[data-keys]");
  let current = questions.find((q) => "current" in q.dataset) ?? questions[0];

  function mark(question) {
    delete current.dataset.current;
    current = question;
    current.dataset.current = "";
    const { position } = current.dataset;
    root.querySelector("[data-where]").textContent = position === "prediction" ? words.prediction : `${position}/${numbered}`;
    root.querySelector("[data-next-word]").textContent = current === questions.at(-1) ? root.dataset.leaveWord ?? words.review : words.next;
    if (back) back.disabled = current === questions[0];
    marks.show(position);
  }

  function go(question) {
    if (!question) return;
    mark(question);
    if (page.dataset.paperView === "one") scrollTo(0, 0);
    else current.scrollIntoView({ block: "start" });
    current.tabIndex = -1;
    current.focus({ preventScroll: true });
  }

  function step(by) {
    const next = questions.indexOf(current) + by;
    if (next === questions.length) (root.querySelector("[data-leave]") ?? document.querySelector("[data-review]")).click();
    else go(questions[next]);
  }

  function view(name) {
    page.dataset.paperView = name;
    document.querySelectorAll("[data-view]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.view === name)));
  }

  function key(event) {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea, dialog")) return;
    if (event.key.length === 1 && !letters.checked) return;
    const boxes = [...current.querySelectorAll(".option__input:enabled")];
    const named = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : "abcdefghi".indexOf(event.key.toLowerCase());
    if (event.key.toLowerCase() === "f" && current.querySelector("[data-flag]")) marks.toggle(current.dataset.position);
    else if (event.key === "ArrowLeft" && !(isLed && current === questions[0])) step(-1);
    else if (event.key === "ArrowRight" && !(isLed && current === questions.at(-1))) step(1);
    else if (event.key.length === 1 && named >= 0 && boxes[named]) boxes[named].click();
    else return;
    event.preventDefault();
  }

  root.addEventListener("click", ({ target }) => {
    if (target.closest("[data-go]")) step(target.closest("[data-go]").dataset.go === "next" ? 1 : -1);
    if (target.closest("[data-open-map]")) mapSheet.open();
    if (target.closest("[data-flag]")) marks.toggle(target.closest(".question").dataset.position);
  });
  root.addEventListener("focusin", ({ target }) => {
    const question = target.closest(".question");
    if (question && question !== current) mark(question);
  });
  map.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (!cell) return;
    event.preventDefault();
    if (map.closest("dialog")) mapSheet.close();
    go(find(cell.dataset.cell));
  });
  document.addEventListener("click", ({ target }) => {
    const chosen = target.closest("[data-view]")?.dataset.view;
    if (!chosen) return;
    keep("paperView", chosen);
    view(chosen);
    if (map.closest("dialog")) mapSheet.close();
    go(current);
  });
  document.addEventListener("keydown", key);
  root.addEventListener("paper:changed", () => {
    marks.show();
    warn(root.querySelector(".clock")?.dataset.state);
  });
  root.addEventListener("paper:unsent", ({ detail }) => {
    marks.unsent = new Set(detail);
    marks.show();
  });
  document.addEventListener("paper:time", ({ detail: state }) => warn(state));

  function warn(state) {
    if (state === "over") root.querySelectorAll("input, select, textarea, .question button").forEach((one) => { one.disabled = true; });
    const text = { low: words.lowText.replace("{n}", marks.counts.empty), last: words.lastText.replace("{n}", marks.counts.answered) }[state];
    if (text) say(region, "time", { kind: "neutral", name: state === "low" ? "clock" : "clock-alert", title: words[state], text });
    else hush(region, "time");
  }

  letters.checked = kept("letters") !== "off";
  letters.addEventListener("change", () => keep("letters", letters.checked ? null : "off"));
  view(root.dataset.layout || page.dataset.paperView);
  mark(find(location.hash.replace(/^#q-?/, "")) ?? current);
  if (page.dataset.paperView === "all" && location.hash) current.scrollIntoView();
  addEventListener("hashchange", () => go(find(location.hash.replace(/^#q-?/, ""))));
  const seen = root.querySelector(".clock")?.dataset.state;
  if (seen) warn(seen);
}
