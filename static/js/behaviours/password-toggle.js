// Shows or hides what is typed; hidden again when the form is sent, so that no browser keeps it as plain text.
export default function passwordToggle(button) {
  const input = button.parentElement.querySelector("input");
  const word = button.querySelector("span");
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    word.textContent = shown ? button.dataset.hide : button.dataset.show;
  };
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
}
