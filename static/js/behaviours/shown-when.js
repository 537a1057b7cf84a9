// Shows a part only while the control of its form named in data-when has one of the values after the colon. What was
// refused stays to be seen, and so does everything where no script runs.
export default function shownWhen(part) {
  const [name, wanted] = part.dataset.when.split(":");
  const values = wanted.trim().split(/\s+/);
  const form = part.closest("form");
  const show = () => { part.hidden = !values.includes(new FormData(form).get(name)) && !part.querySelector(".field--error"); };
  form.addEventListener("change", show);
  show();
}
