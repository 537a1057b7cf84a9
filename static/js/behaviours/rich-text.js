// Shows buttons while a question's texts are rich; each writes signs around what is selected in the text last in use.
export default function richText(form) {
  const bar = form.querySelector("[data-rich-bar]");
  const toggle = form.elements.rich;
  let text = form.elements.text;

  const follow = () => { bar.hidden = !toggle.checked; };
  const isText = (field) => field.name === "text" || field.name === "option" || field.name === "explanation";

  function write(before, middle, after) {
    const start = text.selectionStart;
    text.focus();
    text.setRangeText(before + middle + after, start, text.selectionEnd, "end");
    text.setSelectionRange(start + before.length, start + before.length + middle.length);
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function press({ before, after, line, block, opens }) {
    if (opens) {
      const box = document.getElementById(opens);
      box.open = true;
      form.elements.media_place.value = placeOf(text);
      form.elements.media.focus();
      return;
    }
    const chosen = text.value.slice(text.selectionStart, text.selectionEnd);
    if (before) write(before, chosen, after);
    else if (line) write("", (chosen || " ").split("\n").map((row) => line + row.trim()).join("\n"), "");
    else write(text.value && !text.value.endsWith("\n\n") ? "\n\n" : "", block, "\n");
  }

  function placeOf(field) {
    if (field.name !== "option") return field.name;
    return `option-${[...form.querySelectorAll("[name=option]")].indexOf(field) + 1}`;
  }

  form.addEventListener("focusin", ({ target }) => { if (isText(target)) text = target; });
  bar.addEventListener("mousedown", (event) => event.preventDefault());  // the selection stays where it is
  bar.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) press(button.dataset);
  });
  toggle.addEventListener("change", follow);
  follow();
}
