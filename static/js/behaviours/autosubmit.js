// Sends the form of a filter as soon as it is changed; the button that does so without a script is put away.
export default function autosubmit(control) {
  control.form.querySelectorAll("[data-autosubmit-hides]").forEach((button) => { button.hidden = true; });
  control.addEventListener("change", () => control.form.requestSubmit());
}
