// Asks every 15 seconds for the round's pulse, which is the same for everybody, and only when it has moved for what has
// changed around the paper: its end, and what is announced. Backs off on errors, sleeps while hidden. An end that moves,
// by this or by the answer to a save, is said politely with how much it moved.
import { say } from "../lib/notices.js";
import { clockTime, minutesSeconds } from "../lib/time.js";

const EVERY = 15_000;
const LONGEST = 120_000;

export default function paperNews(root) {
  const words = JSON.parse(root.dataset.words);
  const region = root.querySelector("[data-notices]");
  let ends = Date.parse(root.querySelector(".clock").dataset.endsAt);
  let heard = Number(root.dataset.revision); // the pulse whose news has been told, by the page itself to begin with
  let failures = 0;
  let timer = 0;

  const span = (ms) => (ms % 60_000 === 0 ? String(ms / 60_000) : minutesSeconds(ms));

  document.addEventListener("paper:clock", ({ detail }) => {
    const moved = Date.parse(detail.endsAt) - ends;
    if (moved > 0) say(region, "added", { kind: "success", name: "clock", title: words.added.replace("{n}", span(moved)) });
    ends = Date.parse(detail.endsAt);
  });

  function tell({ open, ends_at: endsAt, step_ends_at: stepEndsAt, now, news }) {
    if (!open) return location.assign(root.dataset.receiptUrl);
    document.dispatchEvent(new CustomEvent("paper:clock", { detail: { endsAt, stepEndsAt, now } }));
    news.toReversed().forEach(({ id, text, at }) => {
      const title = words.news.replace("{time}", clockTime(at, root.dataset).slice(0, 5));
      say(region, `news-${id}`, { kind: "info", name: "megaphone", title, text });
    });
    return undefined;
  }

  async function read(url) {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return answer.json();
  }

  async function ask() {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const { revision } = await read(root.dataset.pulseUrl);
      if (revision > heard) { // a pulse is kept for a moment, so that it may be behind the page
        tell(await read(root.dataset.newsUrl));
        heard = revision;
      }
      failures = 0;
    } catch {
      failures = Math.min(failures + 1, 4);
    }
    timer = setTimeout(ask, Math.min(EVERY * 2 ** failures, LONGEST) * (0.9 + Math.random() * 0.2));
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  timer = setTimeout(ask, 1000 + Math.random() * 2000);
}
