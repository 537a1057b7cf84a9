// The waiting room: when the time has come the page loads itself anew, everybody within twenty seconds, not at once.
import until from "./until.js";

const SPREAD = 20_000;

export default function waiting(element) {
  const spread = Number(element.dataset.spread || SPREAD);
  until(element, () => setTimeout(() => location.reload(), 500 + Math.random() * spread));
}
