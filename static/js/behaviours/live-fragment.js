// Sends the form as it is being filled in to data-fragment-url and shows the answer in #data-fragment-target.
// Never while an input method is composing (Telex, VNI); what was asked before and answers late is dropped.
export default function liveFragment(form) {
  const target = document.getElementById(form.dataset.fragmentTarget);
  let timer = 0;
  let asked = 0;

  async function show() {
    const mine = ++asked;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    try {
      const answer = await fetch(form.dataset.fragmentUrl, { method: "POST", body: data, headers: { Accept: "text/html" } });
      const html = await answer.text();
      if (answer.ok && !answer.redirected && mine === asked) target.innerHTML = html;
    } catch { /* offline: the page keeps what it shows */ }
  }

  form.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(show, 400);
  });
  form.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(show, 400); });
}
