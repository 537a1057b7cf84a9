// Shows a form's bar of actions only while rows are ticked, says how many, and ticks all or none.
export default function bulk(form) {
  const bar = form.querySelector("[data-bulk-bar]");
  const word = bar.querySelector("[data-bulk-count]");
  const all = form.querySelector("[data-bulk-all]");
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    bar.hidden = count === 0;
    word.textContent = word.dataset.bulkCount.replace("{n}", count);
    boxes.forEach((box) => box.closest("tr").classList.toggle("is-chosen", box.checked));
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  };
  const tick = (checked) => {
    boxes.forEach((box) => { box.checked = checked; });
    tell();
  };
  form.addEventListener("change", (event) => (event.target === all ? tick(all.checked) : tell()));
  bar.querySelector("[data-bulk-none]").addEventListener("click", () => tick(false));
  window.addEventListener("pageshow", tell); // a browser that comes back keeps its ticks
  tell();
}
