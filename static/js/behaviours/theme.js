// Light, dark, or as the device says.
import { keep } from "../lib/kept.js";

export default function theme(group) {
  const root = document.documentElement;
  const show = () => group.querySelectorAll("[data-theme-choice]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (root.dataset.theme ?? "device")));
  });
  group.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
    if (!choice) return;
    if (choice === "device") delete root.dataset.theme;
    else root.dataset.theme = choice;
    keep("theme", root.dataset.theme);
    show();
  });
  show();
}
