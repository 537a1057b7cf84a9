// On the page before the submission: names what is still marked, which only this device knows.
import { kept } from "../lib/kept.js";

export default function paperReview(root) {
  const flags = new Set(JSON.parse(kept(`flags:${root.dataset.code}`) ?? "[]"));
  root.querySelectorAll("[data-row]").forEach((row) => {
    const isFlagged = flags.has(row.dataset.row);
    if ("chosen" in row.dataset) row.hidden = !isFlagged;
    row.querySelector(".map__flag").hidden = !isFlagged;
    root.querySelector(`[data-tick="${row.dataset.row}"]`).classList.toggle("is-flagged", isFlagged);
  });
}
