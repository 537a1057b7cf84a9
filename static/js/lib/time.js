// Times for the eye: what is left of a span, and an instant as the organisation shows it.
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
