// Prints the page, or saves it as PDF, as the browser offers.
export default function print(button) {
  button.addEventListener("click", () => window.print());
}
