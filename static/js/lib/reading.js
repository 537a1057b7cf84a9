// What a question's inputs say, and how to make them say something else: {read, write} by what it is answered with.
const within = (question, query) => [...question.querySelectorAll(query)];

const ticks = {
  read(question) {
    const boxes = within(question, ".option__input");
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    if (chosen.length === 0) return null;
    return boxes[0].type === "checkbox" ? chosen : chosen[0];
  },
  write(question, value) {
    const chosen = value === null ? [] : [value].flat().map(String);
    within(question, ".option__input").forEach((box) => { box.checked = chosen.includes(box.value); });
  },
};

const parts = {
  read(question) {
    const given = within(question, "[data-part]").filter((one) => (one.type === "radio" ? one.checked : one.value.trim() !== ""));
    return given.length ? Object.fromEntries(given.map((one) => [one.dataset.part, one.value])) : null;
  },
  write(question, value) {
    within(question, "[data-part]").forEach((one) => {
      const given = value?.[one.dataset.part] ?? "";
      if (one.type === "radio") one.checked = one.value === given;
      else one.value = given;
    });
  },
};

// The order in which things stand at first is no answer before somebody has touched it.
const order = {
  read(question) {
    const list = question.querySelector("[data-order]");
    return "touched" in list.dataset ? [...list.children].map((item) => item.dataset.id) : null;
  },
  write(question, value) {
    const list = question.querySelector("[data-order]");
    if (value === null) delete list.dataset.touched;
    else list.dataset.touched = "";
    (value ?? []).forEach((id, index) => {
      const item = [...list.children].find((one) => one.dataset.id === id);
      list.append(item);
      item.querySelector("[data-number]").textContent = index + 1;
    });
    [...list.children].forEach((item, index, all) => {
      item.querySelector('[data-move="up"]').disabled = index === 0;
      item.querySelector('[data-move="down"]').disabled = index === all.length - 1;
    });
  },
};

const written = {
  read: (question) => (question.querySelector("[data-written]").value.trim() === "" ? null : question.querySelector("[data-written]").value),
  write: (question, value) => { question.querySelector("[data-written]").value = value ?? ""; },
};

// The files that are ticked, by name.
const files = {
  read(question) {
    const names = within(question, "[data-file]").filter((box) => box.checked).map((box) => box.value);
    return names.length ? names : null;
  },
  write(question, value) {
    within(question, "[data-file]").forEach((box) => { box.checked = (value ?? []).includes(box.value); });
  },
};

// Digits with their separators are a number; anything else goes to the server as it is, which says what is wrong.
const prediction = {
  read(question) {
    const text = question.querySelector("[name=prediction]").value;
    const digits = text.replace(/[\s.]/g, "");
    if (digits === "") return null;
    return /^\d{1,10}$/.test(digits) ? Number(digits) : text;
  },
  write: (question, value) => { question.querySelector("[name=prediction]").value = value ?? ""; },
};

const WAYS = {
  single_choice: ticks, multiple_choice: ticks, true_false: ticks, hotspot: ticks,
  statements: parts, matching: parts, numeric: parts, short_text: parts, cloze: parts, dropdown: parts,
  ordering: order, essay: written, upload: files, prediction,
};

export const read = (question) => WAYS[question.dataset.kind].read(question);
export const write = (question, value) => WAYS[question.dataset.kind].write(question, value);
