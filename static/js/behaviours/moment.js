// Says a date and time once more in words of the page's language: what a browser shows may put the month first.
export default function moment(input) {
  const said = Object.assign(document.createElement("p"), { className: "small quiet", ariaLive: "polite" });
  const locale = document.documentElement.lang;
  const hour = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "numeric", year: "numeric" });
  const tell = () => {
    const at = new Date(input.value);
    said.textContent = Number.isNaN(at.getTime()) ? "" : `${hour.format(at)}, ${day.format(at)}`;
  };
  input.after(said);
  input.addEventListener("input", tell);
  tell();
}
