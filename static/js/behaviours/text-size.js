// A− A A+: the size is kept on this device and applied by boot.js before the next first paint.
import { keep } from "../lib/kept.js";

export default function textSize(group) {
  const root = document.documentElement;
  const show = () => document.querySelectorAll("[data-size]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.size === (root.dataset.textSize ?? "normal")));
  });
  group.addEventListener("click", (event) => {
    const size = event.target.closest("[data-size]")?.dataset.size;
    if (!size) return;
    if (size === "normal") delete root.dataset.textSize;
    else root.dataset.textSize = size;
    keep("textSize", root.dataset.textSize);
    show();
  });
  show();
}
