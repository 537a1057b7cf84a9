// Lets the running paper be opened without a network: starts the worker, from the page before the paper on, and has the
// paper's files kept. Tidies up what other attempts have left on this device.
import { keepPaper, startWorker } from "../lib/offline.js";
import { tidy } from "../lib/tidying.js";

export default async function paperOffline(element) {
  const { workerUrl, code, owner, now } = element.dataset;
  if (document.readyState !== "complete") await new Promise((done) => { addEventListener("load", done, { once: true }); });
  try {
    await startWorker(workerUrl);
    if (code) await keepPaper(code);
  } catch {
    // forbidden, full or without a network: the paper works all the same while its page is open
  }
  if (code && !("keptAt" in document.documentElement.dataset)) await tidy({ code, owner, now: Date.parse(now) }).catch(() => {});
}
