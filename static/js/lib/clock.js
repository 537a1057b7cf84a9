// The server's time, moved on by what has passed in this browser; its own clock may be wrong by days and is never asked.
let known = null; // the server's time at a moment of performance.now()

// What the page itself said when it came.
export function told(iso) {
  known = { server: Date.parse(iso), mark: performance.getEntriesByType("navigation")[0]?.responseStart ?? performance.now() };
}

// For pages that a cache may have kept, and after a sleep, during which performance.now() may have stood still.
export async function ask() {
  const sent = performance.now();
  const answer = await fetch("/clock", { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  const { now } = await answer.json();
  known = { server: Date.parse(now), mark: (sent + performance.now()) / 2 };
}

export const now = () => (known ? known.server + performance.now() - known.mark : null);
