// The requests of a running paper. Each gives up after a while, and goes on when the page is left meanwhile.
const PATIENCE = 10_000;
const MOST_ALIVE = 60_000; // bytes: more than this no browser sends once the page is gone

export const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

async function ask(url, options) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  const headers = { Accept: "application/json", "X-CSRFToken": token(), ...options.headers };
  try {
    const answer = await fetch(url, { ...options, headers, signal: patience.signal });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    return { status: answer.status, type: answer.type, body: isJson ? await answer.json() : {} };
  } finally {
    clearTimeout(timer);
  }
}

export function putResponse(url, { name, revision, value }) {
  const body = JSON.stringify({ revision, value });
  const keepalive = new Blob([body]).size < MOST_ALIVE;
  return ask(`${url}/${name}`, { method: "PUT", keepalive, body, headers: { "Content-Type": "application/json" } });
}

// The answer leads on to the receipt, which the page opens by itself: it is told by its being a redirection.
export async function postSubmission(url) {
  const answer = await ask(url, { method: "POST", redirect: "manual", keepalive: true, body: new URLSearchParams() });
  return answer.type === "opaqueredirect" ? { ...answer, status: 303 } : answer;
}

// What the server holds of an attempt: whether it is open, until when, and each response with its revision.
export const getResponses = (url) => ask(url, { method: "GET" });

// A new session has a new token, which the page itself tells. Returns "renewed", or why not: "closed" when the attempt is
// over, "foreign" when it is another person's by now, "out" when nobody is signed in, "later" when the server cannot say.
export async function renew() {
  const before = token();
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (answer.status === 404) return "foreign";
  if (answer.status >= 500 || answer.status === 429) return "later";
  if (!answer.ok || answer.redirected) return new URL(answer.url).pathname.endsWith("/receipt") ? "closed" : "out";
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector('meta[name="csrf-token"]')?.content;
  if (!fresh || fresh === before) return "out";
  document.querySelector('meta[name="csrf-token"]').content = fresh;
  document.querySelectorAll('input[name="csrf_token"]').forEach((input) => { input.value = fresh; });
  return "renewed";
}
