// Puts upon the page what lies on this device: what is not sent yet, what an input method was composing when the page went,
// and what was acknowledged after the page itself was written, which happens where it comes from the worker.
export async function resume(journal, answers, change) {
  await journal.open();
  for (const { name, revision, value } of journal.saved()) {
    if (revision > answers.known(name) && answers.has(name)) {
      answers.show(name, value);
      answers.learn(name, revision);
    } else if (answers.has(name)) journal.drop(name, revision);
  }
  journal.positions().forEach((position) => answers.show(position, journal.get(position).value));
  const held = journal.get("@held");
  if (!held) return;
  journal.drop("@held");
  if (!answers.has(held.position)) return;
  answers.show(held.position, held.value);
  change(held.position, held.value);
}
