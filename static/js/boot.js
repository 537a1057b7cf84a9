// Runs before the first paint: what the reader has chosen is there from the first frame on.
(() => {
  const root = document.documentElement;
  const kept = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  root.dataset.js = "";
  for (const [key, allowed] of [["theme", ["light", "dark"]], ["textSize", ["small", "large"]]]) {
    const value = kept(`hoi-thi:${key}`);
    if (allowed.includes(value)) root.dataset[key] = value;
  }
  const view = kept("hoi-thi:paperView");
  root.dataset.paperView = view === "all" || view === "one" ? view : matchMedia("(min-width: 64em)").matches ? "all" : "one";
})();
