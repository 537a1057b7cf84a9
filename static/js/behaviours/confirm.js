// Asks before a form is sent: data-confirm is the question, data-yes and data-no the two buttons.
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

function ask({ confirm: question, yes, no }, proceed) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog dialog--sheet";
  const text = Object.assign(document.createElement("p"), { textContent: question, id: "confirm-question" });
  const row = Object.assign(document.createElement("div"), { className: "actions" });
  const choice = (word, kind) => Object.assign(document.createElement("button"), {
    type: "button", textContent: word, className: `button button--52 button--${kind}`,
  });
  const go = choice(yes, "danger");
  const stay = choice(no, "outlined");
  go.addEventListener("click", () => { dialog.close(); proceed(); });
  stay.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.setAttribute("aria-labelledby", text.id);
  row.append(go, stay);
  dialog.append(text, row);
  document.body.append(dialog);
  dialog.showModal();
  stay.focus();
}
