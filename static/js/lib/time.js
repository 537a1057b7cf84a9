// Times: what is left of a span, an instant as the organisation shows it, and what time it is at the server.
export const two = (n) => String(n).padStart(2, "0");

export function minutesSeconds(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
}

export function hoursMinutesSeconds(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

// The page says one instant twice, for machines and as shown: their difference is the zone of the organisation.
export function clockTime(iso, { now, nowShown }) {
  const zone = Date.parse(`${now.slice(0, 10)}T${nowShown}Z`) - Math.floor(Date.parse(now) / 1000) * 1000;
  return new Date(Date.parse(iso) + zone).toISOString().slice(11, 19);
}

// When the page said what it says, by the device's clock: half-way between its being asked for and its coming, however
// long its scripts took to come after it.
function cameAt() {
  const [way] = performance.getEntriesByType("navigation");
  const since = way?.responseStart ? performance.now() - (way.requestStart + way.responseStart) / 2 : 0;
  return Number(document.documentElement.dataset.keptAt) || Date.now() - since;
}

// The server's time as far as this device can tell it: what the page said when it came, then what each answer says. A
// page that the worker kept says when it had come (data-kept-at); the device's own clock may be wrong by days.
export function serverClock(said) {
  let offset = Date.parse(said) - cameAt();
  document.addEventListener("paper:clock", ({ detail }) => { offset = Date.parse(detail.now) - Date.now(); });
  return () => Date.now() + offset;
}
