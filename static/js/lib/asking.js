// Asks in a dialog, the safe answer first in reach; goes on only where one agrees.
export function ask({ confirm: question, yes, no }, proceed) {
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
