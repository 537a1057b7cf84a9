// Sends a file as soon as it is chosen and shows how far it has gone; once the server has it, it stands ticked in the list,
// and what is ticked is saved like any other answer.
import { token } from "../lib/posting.js";

const LARGEST = 10 * 2 ** 20;

export default function handIn(root) {
  const paper = root.closest("[data-files-url]");
  if (!paper) return; // a question that is only looked at
  const { position } = root.closest(".question").dataset;
  const words = JSON.parse(root.dataset.words);
  const most = Number(root.dataset.most);
  const input = root.querySelector("[type=file]");
  const list = root.querySelector("[data-files]");
  const progress = root.querySelector("[data-progress]");
  const again = root.querySelector("[data-again]");
  const wrong = root.closest(".question").querySelector("[data-error]");
  const boxes = () => [...list.querySelectorAll("[data-file]")];
  let last = null;

  const filled = (text, values) => Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);

  function tell(text, percent) {
    progress.hidden = false;
    progress.querySelector("progress").hidden = percent === undefined;
    progress.querySelector("progress").value = percent ?? 0;
    progress.querySelector("[data-said]").textContent = text;
  }

  function fail(text, mayTryAgain) {
    progress.hidden = true;
    Object.assign(wrong, { textContent: text, hidden: false });
    again.hidden = !mayTryAgain;
  }

  function show({ name, title, said }) {
    const item = list.querySelector(`[value="${name}"]`)?.closest("li") ?? root.querySelector("template").content.firstElementChild.cloneNode(true);
    const box = item.querySelector("[data-file]");
    if (most === 1) boxes().forEach((one) => { one.checked = false; });
    Object.assign(box, { value: name, checked: true });
    item.querySelector("[data-title]").textContent = title;
    item.querySelector("[data-size]").textContent = said;
    const link = item.querySelector("[data-link]");
    Object.assign(link, { href: link.pathname.replace(/[^/]*$/, name), ariaLabel: link.ariaLabel.trimEnd().concat(" ", title) });
    list.append(item);
    list.hidden = false;
    tell(filled(words.saving, { title }));
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function answered(request, title) {
    delete root.dataset.sending;
    const body = request.response ?? {};
    if (request.status === 200) return show(body.file);
    if ([409, 413, 422, 429].includes(request.status)) return fail(body.message ?? filled(words.failed, { title }), request.status === 429);
    return fail(filled(words.failed, { title }), true);
  }

  function send(file) {
    last = file;
    again.hidden = true;
    wrong.hidden = true;
    if (file.size > LARGEST) return fail(words.large, false);
    if (most > 1 && boxes().filter((box) => box.checked).length >= most) return fail(filled(words.enough, { most }), false);
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    root.dataset.sending = "";
    tell(filled(words.sending, { title: file.name, percent: 0 }), 0);
    request.upload.onprogress = ({ loaded, total }) => {
      const percent = Math.round((100 * loaded) / total);
      tell(filled(words.sending, { title: file.name, percent }), percent);
    };
    request.onloadend = () => answered(request, file.name);
    request.responseType = "json";
    request.open("POST", `${paper.dataset.filesUrl}/${position}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token());
    request.send(body);
    return undefined;
  }

  input.addEventListener("change", () => {
    if (input.files.length) send(input.files[0]);
    input.value = "";
  });
  again.addEventListener("click", () => send(last));
  // Where one file is taken, ticking it takes the place of the other; beyond the number taken, nothing more is ticked.
  list.addEventListener("click", (event) => {
    const box = event.target.closest("[data-file]");
    if (!box?.checked) return;
    if (most === 1) boxes().filter((one) => one !== box).forEach((one) => { one.checked = false; });
    else if (boxes().filter((one) => one.checked).length > most) {
      event.preventDefault();
      fail(filled(words.enough, { most }), false);
    }
  });
  // The answer is saved: what was said of the file has been said.
  paper.addEventListener("paper:unsent", ({ detail }) => { if (!detail.includes(position) && !("sending" in root.dataset)) progress.hidden = true; });
}
