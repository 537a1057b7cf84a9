// Copies a code and says that it did; where the clipboard is closed, selects it to be copied by hand.
export default function copy(button) {
  const word = button.querySelector("span");
  const before = word.textContent;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      word.textContent = button.dataset.done;
      setTimeout(() => { word.textContent = before; }, 3000);
    } catch {
      getSelection().selectAllChildren(button.parentElement.querySelector(".code-panel__code"));
    }
  });
  word.setAttribute("role", "status");
}
