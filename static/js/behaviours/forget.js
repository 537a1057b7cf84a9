// A closed attempt leaves nothing on the device, and where nobody is signed in no paper stays open to whoever comes next.
// What did not arrive in time is said before it goes.
import { keep } from "../lib/kept.js";
import { dropPaper, dropPapers } from "../lib/offline.js";
import { dropJournal } from "../lib/tidying.js";
import { clockTime } from "../lib/time.js";

export default async function forget(element) {
  const { code } = element.dataset;
  if (!code) {
    await dropPapers().catch(() => {});
    return;
  }
  keep(`flags:${code}`, null);
  const [left] = await Promise.all([dropJournal(code), dropPaper(code).catch(() => {})]);
  const unsent = left.filter(({ name, savedAt }) => !name.startsWith("@") && !savedAt).length;
  const asked = left.find(({ name }) => name === "@submission");
  tell(element, "[data-unsent]", unsent > 0, { n: unsent });
  tell(element, "[data-asked]", asked && "expired" in element.dataset, { time: asked && clockTime(asked.at, element.dataset) });
}

function tell(element, query, isTold, values) {
  const place = element.querySelector(query);
  if (!place || !isTold) return;
  place.hidden = false;
  const said = place.querySelector("[data-said]");
  said.textContent = Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), said.textContent);
}
