// Leads the reader to what the page has to say first, as the list of what a form refused; some only where there is room.
export default function focus(element) {
  const { when } = element.dataset;
  if (!when || matchMedia(when).matches) element.focus();
}
