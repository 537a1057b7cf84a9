// A frame on a picture chooses the option that it stands for, and shows which one is chosen.
export default function hotspot(areas) {
  const question = areas.closest(".question");
  const box = (area) => question.querySelector(`.option__input[value="${CSS.escape(area.dataset.option)}"]`);
  const show = () => areas.querySelectorAll("[data-option]").forEach((area) => area.classList.toggle("is-chosen", box(area)?.checked ?? false));
  areas.addEventListener("click", ({ target }) => {
    const area = target.closest("[data-option]");
    if (area) box(area)?.click();
  });
  question.addEventListener("change", show);
  show();
}
