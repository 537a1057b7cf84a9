// The server's time as far as this device can tell it: what the page said when it came, then what each answer says. A
// page that the worker kept says when it had come (data-kept-at); the device's own clock may be wrong by days.
export function serverClock(said) {
  const came = Number(document.documentElement.dataset.keptAt) || Date.now();
  let offset = Date.parse(said) - came;
  document.addEventListener("paper:clock", ({ detail }) => { offset = Date.parse(detail.now) - Date.now(); });
  return () => Date.now() + offset;
}
