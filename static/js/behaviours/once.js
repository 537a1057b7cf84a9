// Keeps a form from being sent twice by an impatient finger; a page that comes back from the cache is free again.
export default function once(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => { sent = false; });
}
