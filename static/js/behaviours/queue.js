// In the queue: asks for the place after as many seconds as the last answer said, hidden or not, for to ask is to stay;
// loads the page anew when the turn has come or there is no place any more. Backs off while the server does not answer.
const LONGEST = 60;

export default function queue(root) {
  const part = (name) => root.querySelector(`[data-${name}]`);
  let failures = 0;
  let timer = 0;

  const again = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(ask, seconds * 1000 * (0.9 + Math.random() * 0.2));
  };

  async function ask() {
    clearTimeout(timer);
    try {
      const answer = await fetch(root.dataset.url, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
      const place = answer.ok ? await answer.json() : { stage: "none" };
      if (place.stage !== "waiting") return location.reload();
      part("place").textContent = place.place_said;
      part("wait").textContent = place.wait_said;
      failures = 0;
      again(place.again);
    } catch {
      failures = Math.min(failures + 1, 4);
      again(Math.min(4 * 2 ** failures, LONGEST));
    }
    return undefined;
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  again(Number(root.dataset.again));
}
