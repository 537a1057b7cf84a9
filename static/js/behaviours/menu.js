// Folds a menu on Escape, on a click beside it, and when the focus leaves it.
export default function menu(details) {
  const fold = () => { details.open = false; };
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    fold();
    details.querySelector("summary").focus();
  });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget)) fold();
  });
  document.addEventListener("click", (event) => {
    if (!details.contains(event.target)) fold();
  });
}
