// The key / leads to the search box, unless one is typing, or wants no keys of single letters.
import { kept } from "../lib/kept.js";

export default function slash(input) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (kept("letters") === "off") return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    input.focus();
  });
}
