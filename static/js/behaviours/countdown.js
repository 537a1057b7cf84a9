// Counts down to data-ends-at on the server's clock; says so aloud at five minutes and at one, and leaves when it is over.
// A paper that was short of five minutes from its start is not warned of them.
import { minutesSeconds, serverClock } from "../lib/time.js";

const LIMITS = [["over", 0], ["last", 60_000], ["low", 300_000], ["calm", Infinity]];

export default function countdown(element) {
  const { dataset } = element;
  const part = (name) => element.querySelector(`[data-${name}]`);
  const now = serverClock(dataset.now);
  let ends = Date.parse(dataset.endsAt);
  let timer = 0;
  const limits = LIMITS.filter(([state]) => state !== "low" || Number(dataset.whole) > 360_000);

  function enter(state) {
    if (dataset.state === state) return;
    dataset.state = state;
    part("label").textContent = dataset[state];
    part("announce").textContent = { low: dataset.sayLow, last: dataset.sayLast, over: dataset.over }[state] ?? "";
    document.dispatchEvent(new CustomEvent("paper:time", { detail: state }));
    if (state === "over") leave();
  }

  // A moment for what is on its way, and not everybody in the same second; without a network the page stays.
  function leave() {
    clearInterval(timer);
    setTimeout(() => {
      if (navigator.onLine) location.assign(dataset.done);
      else addEventListener("online", leave, { once: true });
    }, 2000 + Math.random() * 3000);
  }

  function tick() {
    const left = ends - now();
    part("time").textContent = minutesSeconds(left);
    enter(limits.find(([, limit]) => left <= limit)[0]);
  }

  document.addEventListener("paper:clock", ({ detail }) => {
    ends = Date.parse(detail.endsAt);
    tick();
  });
  timer = setInterval(tick, 1000);
  tick();
}
