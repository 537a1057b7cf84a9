// Keeps the running paper for when the network fails: the page of an attempt that has just been answered, its static files
// and its pictures, nothing else. The network is always asked first for a page; what is kept goes as soon as the attempt
// answers with anything but its paper, and is shown no longer than its time runs.
const GRACE = 15 * 60_000; // for a time that was extended meanwhile; the server alone says until when it takes anything
const AWAY = [502, 503, 504];
const GONE = [401, 403, 404, 410];
const store = (code) => `paper:${code}`;
const page = (code) => `/attempts/${code}`;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([self.clients.claim(), sweep()])));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  const [, code, rest] = /^\/attempts\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
  if (code && !rest) event.respondWith(paper(event, code));
  else if (code && request.mode === "navigate") event.respondWith(around(event, code, rest));
  else if (!code && request.mode !== "navigate" && !request.headers.has("Range")) event.respondWith(file(request));
});

async function paper(event, code) {
  const { request } = event;
  const mayShow = request.mode === "navigate";
  const asked = Date.now();
  let answer;
  try {
    answer = await fetch(request);
  } catch (error) {
    const found = mayShow && await kept(code);
    if (found) return found;
    throw error;
  }
  if (AWAY.includes(answer.status)) return (mayShow && await kept(code)) || answer;
  if (answer.status === 200 && !answer.redirected) event.waitUntil(keep(code, answer.clone(), (asked + Date.now()) / 2));
  else if (answer.type === "opaqueredirect" || GONE.includes(answer.status)) event.waitUntil(caches.delete(store(code)));
  event.waitUntil(sweep());
  return answer;
}

// The pages around the paper are not kept: without a network, the review before the submission leads back to the paper.
async function around(event, code, rest) {
  try {
    const answer = await fetch(event.request);
    if (rest === "/receipt" && answer.status === 200) event.waitUntil(caches.delete(store(code)));
    return answer;
  } catch (error) {
    if (rest === "/submission" && await kept(code)) return Response.redirect(page(code), 302);
    throw error;
  }
}

// Files never change under their address, so that those of a paper are taken from what is kept of it.
async function file(request) {
  return (await caches.match(request.url, { ignoreVary: true })) ?? fetch(request);
}

async function keep(code, answer, at) {
  const html = await answer.text();
  const [, ends, now] = /data-ends-at="([^"]+)" data-now="([^"]+)"/.exec(html) ?? [];
  if (!ends) return;
  const headers = new Headers(answer.headers);
  ["Content-Encoding", "Content-Length"].forEach((name) => headers.delete(name));
  headers.set("X-Kept-At", at);
  headers.set("X-Kept-Until", at + Date.parse(ends) - Date.parse(now) + GRACE);
  const cache = await caches.open(store(code));
  await cache.put(page(code), new Response(html, { headers })).catch(() => caches.delete(store(code)));
}

// The page says when it came, so that its clock goes on from there.
async function kept(code) {
  await sweep();
  const found = await caches.match(page(code), { cacheName: store(code), ignoreVary: true });
  if (!found) return null;
  const html = await found.text();
  return new Response(html.replace("<html ", `<html data-kept-at="${found.headers.get("X-Kept-At")}" `), { headers: found.headers });
}

async function sweep() {
  for (const name of await caches.keys()) {
    const found = name.startsWith("paper:") && await caches.match(page(name.slice("paper:".length)), { cacheName: name, ignoreVary: true });
    if (found && !(Number(found.headers.get("X-Kept-Until")) > Date.now())) await caches.delete(name);
  }
}
