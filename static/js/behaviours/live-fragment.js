// Sends the form, as it or a part of it is being filled in, to data-fragment-url and shows the answer in
// #data-fragment-target. Parts inside a part that has a fragment of its own are not its concern.
// Never while an input method is composing (Telex, VNI); what was asked before and answers late is dropped.
export default function liveFragment(part) {
  const form = part.closest("form");
  const target = document.getElementById(part.dataset.fragmentTarget);
  let timer = 0;
  let asked = 0;

  async function show() {
    const mine = ++asked;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    try {
      const answer = await fetch(part.dataset.fragmentUrl, { method: "POST", body: data, headers: { Accept: "text/html" } });
      const html = await answer.text();
      if (answer.ok && !answer.redirected && mine === asked) target.innerHTML = html;
    } catch { /* offline: the page keeps what it shows */ }
  }

  const soon = (event) => {
    if (event.isComposing || event.target.closest("[data-fragment-url]") !== part) return;
    clearTimeout(timer);
    timer = setTimeout(show, 400);
  };
  part.addEventListener("input", soon);
  part.addEventListener("compositionend", soon);
}
