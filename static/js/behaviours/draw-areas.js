// In the editor of a question: dragging over the picture of the preview draws the area of the option whose field was
// touched last, or of the first that has none. Typing the four numbers does the same.
export default function drawAreas(form) {
  const preview = document.getElementById("question-preview");
  const fields = () => [...form.querySelectorAll('[name="area"]')];
  let touched = null;
  let start = null;

  const place = (event, picture) => {
    const box = picture.getBoundingClientRect();
    const within = (value, size) => Math.min(100, Math.max(0, (value / size) * 100));
    return [within(event.clientX - box.left, box.width), within(event.clientY - box.top, box.height)];
  };

  form.addEventListener("focusin", ({ target }) => { if (target.name === "area") touched = target; });
  preview.addEventListener("pointerdown", (event) => {
    const picture = event.target.closest(".hotspot");
    if (!picture || form.elements.kind.value !== "hotspot") return;
    event.preventDefault();
    start = [picture, place(event, picture)];
  });
  document.addEventListener("pointerup", (event) => {
    if (!start) return;
    const [picture, [x, y]] = start;
    const [right, bottom] = place(event, picture);
    start = null;
    const size = [Math.abs(right - x), Math.abs(bottom - y)];
    const field = touched ?? fields().find((one) => one.value === "");
    if (!field || size.some((side) => side < 1)) return;
    field.value = [Math.min(x, right), Math.min(y, bottom), ...size].map((side) => side.toFixed(1)).join(" ");
    touched = null;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
