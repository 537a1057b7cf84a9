// Leaves nothing of the person on a device that others may use: what is unsent goes to the server first, then the kept
// papers and journals go. The one who leaves does not wait long for it.
import { keep, keptKeys } from "../lib/kept.js";
import { dropPapers } from "../lib/offline.js";
import { deliverAll } from "../lib/tidying.js";

const PATIENCE = 4000;

export default function signOut(form) {
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    const patience = new Promise((done) => { setTimeout(done, PATIENCE); });
    keptKeys("flags:").forEach((key) => keep(key, null));
    await Promise.race([Promise.allSettled([dropPapers(), deliverAll()]), patience]);
    form.submit();
  });
}
