// Refreshes a fragment: data-url every data-seconds. Backs off on errors, sleeps when hidden, stops on 204 and 410.
import { bind } from "../app.js";

export default function poll(element) {
  const every = Number(element.dataset.seconds || 10) * 1000;
  let failures = 0;
  let timer = 0;
  let stopped = false;

  const wait = () => {
    if (stopped) return;
    timer = setTimeout(refresh, Math.min(every * 2 ** failures, 120_000) * (0.9 + Math.random() * 0.2));
  };

  async function refresh() {
    clearTimeout(timer);
    if (document.hidden || stopped) return;
    try {
      const answer = await fetch(element.dataset.url, { headers: { Accept: "text/html" } });
      if (answer.status === 204 || answer.status === 410) { stopped = true; return; }
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      element.innerHTML = await answer.text();
      bind(element);
      failures = 0;
    } catch {
      failures = Math.min(failures + 1, 5);
    }
    wait();
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  wait();
}
