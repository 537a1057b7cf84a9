// Asks before a form is sent: data-confirm is the question, data-yes and data-no the two buttons.
import { ask } from "../lib/asking.js";

export default function confirm(form) {
  let agreed = false;
  form.addEventListener("submit", (event) => {
    if (agreed) return;
    event.preventDefault();
    ask(form.dataset, () => {
      agreed = true;
      form.requestSubmit(event.submitter ?? undefined);
      agreed = false;
    });
  });
}
