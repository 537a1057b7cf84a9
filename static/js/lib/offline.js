// What the worker needs from pages: to be there before the paper is, to be told which files belong to it, and that it is over.
const isPossible = "serviceWorker" in navigator && "caches" in self;
const store = (code) => `paper:${code}`;

export async function startWorker(url) {
  if (isPossible) await navigator.serviceWorker.register(url, { scope: "/attempts/" });
}

// The worker keeps the page as it passes through; a paper that was opened before there was a worker is asked for once more.
export async function keepPaper(code) {
  if (!isPossible) return;
  await navigator.serviceWorker.ready;
  const cache = await caches.open(store(code));
  const has = async (url) => (await cache.match(url, { ignoreVary: true })) !== undefined;
  if (!await has(location.pathname)) await fetch(location.pathname, { headers: { Accept: "text/html" } });
  const pictures = [...document.images].map((picture) => picture.src);
  const files = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => new URL(name).pathname.startsWith("/static/"));
  for (const url of new Set([...files, ...pictures].map((one) => one.split("#")[0]))) {
    if (new URL(url).origin === location.origin && !await has(url)) await cache.add(url).catch(() => {});
  }
}

export async function dropPaper(code) {
  if (isPossible) await caches.delete(store(code));
}

export async function dropPapers() {
  if (!isPossible) return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("paper:")).map((name) => caches.delete(name)));
}
