// Leads the reader to what the page has to say first, as the list of what a form refused.
export default function focus(element) {
  element.focus();
}
