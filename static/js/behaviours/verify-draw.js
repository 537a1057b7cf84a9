// Recomputes a draw of lots in this browser: the commitment, the seed, and the order of the codes.
const text = new TextEncoder();

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const sha256 = (string) => crypto.subtle.digest("SHA-256", text.encode(string));

async function order(codes, seed) {
  const key = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signed = await Promise.all(codes.map(async (code) => [hex(await crypto.subtle.sign("HMAC", key, text.encode(code))), code]));
  return signed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, code]) => code);
}

async function holds(draw) {
  const digest = hex(await sha256([draw.secret, ...draw.codes].join("\n")));
  const drawn = await order(draw.codes, await sha256(`${draw.secret}\n${draw.randomness.trim()}`));
  return digest === draw.digest && drawn.join("\n") === draw.drawn.join("\n");
}

export default function verifyDraw(element) {
  if (!crypto.subtle) {
    element.hidden = true; // a browser computes digests on secure addresses alone
    return;
  }
  const draw = JSON.parse(element.dataset.draw);
  element.querySelector("button").addEventListener("click", async () => {
    const verified = await holds(draw);
    element.querySelector("[data-verified]").hidden = !verified;
    element.querySelector("[data-differs]").hidden = verified;
  });
}
