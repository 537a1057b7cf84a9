// Tells when something is answered: at once what is chosen, after a pause what is typed, and nothing in the middle of the
// composition of an input method, but for a page that is left for good. Returns what settles at once whatever was typed.
const PAUSE = 800;

export function answering(root, { changed, hold, release }) {
  let composing = null;
  let typed = null;
  let timer = 0;

  function settle(isLeaving = false) {
    clearTimeout(timer);
    const question = isLeaving ? composing ?? typed : typed;
    if (composing && !isLeaving) {
      hold(composing);
      return;
    }
    typed = null;
    if (question) changed(question);
  }

  function give(question) {
    if (typed === question) typed = null;
    if (composing) typed = question;
    else changed(question);
  }

  root.addEventListener("compositionstart", ({ target }) => { composing = target.closest(".question"); });
  root.addEventListener("compositionend", (event) => {
    composing = null;
    release();
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
  root.addEventListener("input", ({ target }) => {
    const question = target.closest(".question");
    if ("order" in target.dataset) {
      target.dataset.touched = "";
      give(question);
    }
    if (!("typed" in target.dataset)) return;
    if (typed && typed !== question) settle();
    clearTimeout(timer);
    typed = question;
    timer = setTimeout(() => { if (!composing) settle(); }, PAUSE);
  });
  root.addEventListener("change", ({ target }) => { if (target.closest(".question")) give(target.closest(".question")); });
  root.addEventListener("click", ({ target }) => {
    if (target.closest("[data-keep-order]")) target.closest(".question").querySelector("[data-order]").dispatchEvent(new Event("input", { bubbles: true }));
  });
  return { settle, isTyping: (question) => composing === question || typed === question };
}
