// Shows an element in a sheet over the page and puts it back where it was.
import { icon } from "./notices.js";

export function sheet(element, title, close) {
  const dialog = document.createElement("dialog");
  const head = document.createElement("div");
  const heading = Object.assign(document.createElement("h2"), { textContent: title, id: "sheet-title" });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "icon-button icon-button--44", ariaLabel: close });
  const place = document.createComment("");
  dialog.className = "dialog dialog--sheet";
  dialog.setAttribute("aria-labelledby", heading.id);
  head.className = "dialog__head";
  button.append(icon("x", 24));
  head.append(heading, button);
  dialog.append(head);
  button.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => {
    place.replaceWith(element);
    dialog.remove();
  });
  return {
    open() {
      element.replaceWith(place);
      dialog.append(element);
      document.body.append(dialog);
      dialog.showModal();
    },
    close: () => dialog.close(),
  };
}
