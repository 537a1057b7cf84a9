// Counts down to data-at by the server's clock: what data-now says, or what the server answers where a cache may have kept
// the page, and again whenever the page comes back into sight. Until the time is known the words stay.
import { ask, now, told } from "../lib/clock.js";
import { hoursMinutesSeconds, minutesSeconds } from "../lib/time.js";

const DAY = 86_400_000;

export default function until(element, arrived = () => {}) {
  const at = Date.parse(element.dataset.at);
  let timer = 0;

  const tick = () => {
    if (now() === null) return;
    const left = at - now();
    const days = Math.floor(left / DAY);
    const clock = left >= 3_600_000 ? hoursMinutesSeconds(left % DAY) : minutesSeconds(left);
    element.textContent = days > 0 ? `${element.dataset.days.replace("{n}", days)} ${clock}` : clock;
    element.classList.toggle("is-words", days > 0);
    if (left > 0) return;
    clearInterval(timer);
    arrived();
  };
  const learn = () => ask().then(tick, () => {}); // offline: goes on by what is known

  if (element.dataset.now) told(element.dataset.now);
  else learn();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) learn(); });
  timer = setInterval(tick, 1000);
  tick();
}
