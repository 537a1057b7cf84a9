// A list put in order by buttons (data-move="up", "down", "out"), by the arrow keys on its handle, or by dragging.
// The order is what the form sends: every item carries its hidden input.
export default function reorder(list) {
  const items = () => [...list.children];
  let dragged = null;

  const renumber = () => {
    items().forEach((item, index) => {
      const number = item.querySelector("[data-number]");
      if (number) number.textContent = index + 1;
      item.querySelectorAll('[data-move="up"]').forEach((button) => { button.disabled = index === 0; });
      item.querySelectorAll('[data-move="down"]').forEach((button) => { button.disabled = index === items().length - 1; });
    });
    list.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const move = (item, where) => {
    if (where === "up" && item.previousElementSibling) item.previousElementSibling.before(item);
    if (where === "down" && item.nextElementSibling) item.nextElementSibling.after(item);
    if (where === "out") item.remove();
    renumber();
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    const item = items().find((one) => one.contains(button));
    const next = item.nextElementSibling ?? item.previousElementSibling;
    move(item, button.dataset.move);
    if (item.isConnected) (button.disabled ? item.querySelector("[data-move]:enabled") : button)?.focus();
    else next?.querySelector("[data-move]:enabled")?.focus();
  });

  list.addEventListener("keydown", (event) => {
    const where = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (!where || !event.target.closest("[data-handle]")) return;
    event.preventDefault();
    move(items().find((one) => one.contains(event.target)), where);
    event.target.closest("[data-handle]").focus();
  });

  list.addEventListener("dragstart", (event) => {
    dragged = items().find((one) => one.contains(event.target)) ?? null;
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = items().find((one) => one.contains(event.target));
    if (!dragged || !over) return;
    event.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(dragged);
    else over.after(dragged);
  });
  list.addEventListener("dragend", () => { dragged = null; renumber(); });
}
