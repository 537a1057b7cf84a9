// Counts down to data-at, by the server's clock where data-now gives it.
import { hoursMinutesSeconds, minutesSeconds } from "../lib/time.js";

const DAY = 86_400_000;

export default function until(element, arrived = () => {}) {
  const at = Date.parse(element.dataset.at);
  const offset = element.dataset.now ? Date.parse(element.dataset.now) - Date.now() : 0;
  let timer = 0;

  const tick = () => {
    const left = at - Date.now() - offset;
    const days = Math.floor(left / DAY);
    const clock = left >= 3_600_000 ? hoursMinutesSeconds(left % DAY) : minutesSeconds(left);
    element.textContent = days > 0 ? `${element.dataset.days.replace("{n}", days)} ${clock}` : clock;
    element.classList.toggle("is-words", days > 0);
    if (left > 0) return;
    clearInterval(timer);
    arrived();
  };

  timer = setInterval(tick, 1000);
  tick();
}
