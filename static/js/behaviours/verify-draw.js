// Recomputes a draw of lots in this browser: the commitment, the seed, and the order of the codes.
import { bytes, hex, sha256, verifying } from "../lib/verifying.js";

async function order(codes, seed) {
  const key = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signed = await Promise.all(codes.map(async (code) => [hex(await crypto.subtle.sign("HMAC", key, bytes(code))), code]));
  return signed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, code]) => code);
}

async function holds(draw) {
  const digest = hex(await sha256(bytes([draw.secret, ...draw.codes].join("\n"))));
  const drawn = await order(draw.codes, await sha256(bytes(`${draw.secret}\n${draw.randomness.trim()}`)));
  return digest === draw.digest && drawn.join("\n") === draw.drawn.join("\n");
}

export default (element) => verifying(element, holds);
