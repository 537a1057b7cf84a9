// What a question's inputs say, and how to make them say something else.
export function read(question) {
  const boxes = [...question.querySelectorAll(".option__input")];
  if (boxes.length === 0) return number(question.querySelector("[name=prediction]").value);
  const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
  if (chosen.length === 0) return null;
  return boxes[0].type === "checkbox" ? chosen : chosen[0];
}

export function write(question, value) {
  const boxes = question.querySelectorAll(".option__input");
  const chosen = value === null ? [] : [value].flat().map(String);
  boxes.forEach((box) => { box.checked = chosen.includes(box.value); });
  if (boxes.length === 0) question.querySelector("[name=prediction]").value = value ?? "";
}

// Digits with their separators are a number; anything else goes to the server as it is, which says what is wrong.
function number(text) {
  const digits = text.replace(/[\s.]/g, "");
  if (digits === "") return null;
  return /^\d{1,10}$/.test(digits) ? Number(digits) : text;
}
