// Journals that are no use any more go: those whose time is over by a day, and the person's own whose attempt is closed or
// does not exist. Another person's are neither read nor sent; they go with their time.
import { getResponses, postSubmission, putResponse } from "./posting.js";
import { everything } from "./shelf.js";

const place = (code) => `/attempts/${code}`;

export async function tidy({ code, owner, now }) {
  const all = await everything();
  const old = all.filter((record) => !(record.until > now));
  const mine = all.filter((record) => record.until > now && record.owner === owner && record.code !== code);
  await Promise.all(old.map((record) => record.drop()));
  for (const one of new Set(mine.map((record) => record.code))) {
    const { status, body } = await getResponses(`${place(one)}/responses`);
    if (status === 404 || (status === 200 && !body.open)) await Promise.all(mine.filter((record) => record.code === one).map((record) => record.drop()));
  }
}

export async function dropJournal(code) {
  const found = (await everything()).filter((record) => record.code === code);
  await Promise.all(found.map((record) => record.drop()));
  return found;
}

// Before somebody leaves a device that others may use: what the server takes as theirs is sent and goes. What it does not
// know as theirs is another person's and stays, and so does what could not be sent at all.
export async function deliverAll() {
  const all = (await everything()).sort((a, b) => (a.order ?? Infinity) - (b.order ?? Infinity));
  for (const code of new Set(all.map((record) => record.code))) {
    const { status, body } = await getResponses(`${place(code)}/responses`);
    const records = all.filter((record) => record.code === code);
    if (status !== 200) continue;
    if (body.open) for (const record of records) if (!await isDelivered(record)) return;
    await Promise.all(records.map((record) => record.drop()));
  }
}

async function isDelivered(record) {
  const url = place(record.code);
  if (record.savedAt || (record.name !== "@submission" && record.name.startsWith("@"))) return true;
  if (record.name === "@submission") return [303, 409].includes((await postSubmission(`${url}/submission`)).status);
  const { status, body } = await putResponse(`${url}/responses`, record);
  if (body.code !== "conflict" || JSON.stringify(body.value) === JSON.stringify(record.value)) return [200, 409, 422].includes(status);
  return isDelivered({ ...record, revision: body.revision + 1 }); // the latest act of the person wins, as on an open page
}
