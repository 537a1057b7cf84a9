// Leads through a paper step by step: asks before something empty or a whole part is left, and goes on by itself when
// the time of a step is over. What was given is sent first: the form that leaves waits for it as a submission does.
import { ask } from "../lib/asking.js";
import { read } from "../lib/reading.js";
import { minutesSeconds, serverClock } from "../lib/time.js";

const SPOKEN = [60, 10]; // seconds left that are said aloud, where a step is at least twice as long
const SPARE = 300; // milliseconds by which the clock here may be ahead of the server's

export default function paperSteps(root) {
  const words = JSON.parse(root.dataset.stepWords);
  const form = document.getElementById("step");
  const clock = root.querySelector("[data-step-clock]");
  const questions = [...root.querySelectorAll('.question:not([data-kind="prediction"])')];

  function leave(isOver) {
    if (!navigator.onLine) return addEventListener("online", () => leave(isOver), { once: true });
    form.elements.over.disabled = !isOver;
    form.requestSubmit();
    return undefined;
  }

  root.addEventListener("click", (event) => {
    if (!event.target.closest("[data-leave]")) return;
    event.preventDefault();
    const empty = questions.filter((question) => read(question) === null).length;
    const question = empty ? words.empty.replace("{n}", empty) : "several" in root.dataset && words.leave;
    if (question && !("last" in root.dataset)) ask({ confirm: question, yes: words.yes, no: words.no }, () => leave(false));
    else leave(false);
  });
  if (clock) countDown(root, clock, () => leave(true));
}

function countDown(root, clock, done) {
  const time = clock.querySelector("[data-step-time]");
  const whole = Number(clock.dataset.whole) / 1000;
  const spoken = SPOKEN.filter((seconds) => seconds * 2 <= whole);
  const now = serverClock(clock.dataset.now);
  let ends = Date.parse(clock.dataset.endsAt);
  let timer = 0;

  function say(seconds) {
    clock.querySelector("[data-step-announce]").textContent = clock.dataset.say.replace("{n}", seconds);
    spoken.splice(spoken.indexOf(seconds), 1);
  }

  function tick() {
    const left = ends - now();
    time.textContent = minutesSeconds(left);
    clock.dataset.stepState = left <= 10_000 ? "last" : "calm";
    const due = spoken.find((seconds) => left <= seconds * 1000);
    if (due) say(due);
    if (left > -SPARE) return;
    clearInterval(timer);
    done();
    root.querySelectorAll(".question input, .question select, .question textarea, .question button").forEach((one) => { one.disabled = true; });
  }

  document.addEventListener("paper:clock", ({ detail }) => {
    if (detail.stepEndsAt) ends = Date.parse(detail.stepEndsAt);
  });
  timer = setInterval(tick, 250);
  tick();
}
