// Puts the value of the button that is pressed into the control that the buttons are for.
export default function pick(element) {
  const control = element.closest("form").elements[element.dataset.for];
  const press = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    control.value = button.value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.focus();
  };
  element.addEventListener("click", press);
  return () => element.removeEventListener("click", press);
}
