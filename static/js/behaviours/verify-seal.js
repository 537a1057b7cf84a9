// Recomputes in this browser how a receipt leads to the root of its batch: leaf, path, root.
import { bytes, hex, sha256, verifying } from "../lib/verifying.js";

const unhexed = (string) => Uint8Array.from(string.match(/../g), (pair) => Number.parseInt(pair, 16));

const hashed = async (kind, ...contents) => hex(await sha256(new Uint8Array([kind, ...contents.flatMap((content) => [...content])])));

async function holds({ receipt, state, responses, root, path }) {
  let here = await hashed(0, bytes([receipt, state, responses].join("\n")));
  for (const { hash, is_left: isLeft } of path) {
    const [left, right] = isLeft ? [hash, here] : [here, hash];
    here = await hashed(1, unhexed(left), unhexed(right));
  }
  return here === root;
}

export default (element) => verifying(element, holds);
