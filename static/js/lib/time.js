// Times for the eye: what is left of a span, and an instant as the organisation's clocks show it.
export const two = (n) => String(n).padStart(2, "0");

export function minutesSeconds(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
}

export function hoursMinutesSeconds(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export function clockTime(iso, timeZone) {
  return new Date(iso).toLocaleTimeString("en-GB", { timeZone, hour12: false });
}
