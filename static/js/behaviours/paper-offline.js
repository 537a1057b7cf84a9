// Lets the running paper be opened without a network: starts the worker, already where somebody signs in and before the
// paper begins, so that it keeps the page as it passes; has the paper's files kept; tidies up what other attempts left.
import { keepPaper, startWorker } from "../lib/offline.js";
import { tidy } from "../lib/tidying.js";

export default async function paperOffline(element) {
  const { workerUrl, code, owner, now } = element.dataset;
  if (document.readyState !== "complete") await new Promise((done) => { addEventListener("load", done, { once: true }); });
  const start = async () => { await startWorker(workerUrl); if (code) await keepPaper(code); };
  await start().catch(() => {}); // forbidden, full or without a network: the paper works all the same while its page is open
  if (code) addEventListener("focus", () => keepPaper(code).catch(() => {})); // a sign-in in another tab has dropped it
  if (code && !("keptAt" in document.documentElement.dataset)) await tidy({ code, owner, now: Date.parse(now) }).catch(() => {});
}
