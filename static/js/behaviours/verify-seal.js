// Recomputes in this browser how a receipt leads to the root of its batch: leaf, path, root.
const text = new TextEncoder();

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const bytes = (string) => Uint8Array.from(string.match(/../g), (pair) => Number.parseInt(pair, 16));

async function hashed(kind, ...contents) {
  return hex(await crypto.subtle.digest("SHA-256", new Uint8Array([kind, ...contents.flatMap((content) => [...content])])));
}

async function holds({ receipt, state, responses, root, path }) {
  let here = await hashed(0, text.encode([receipt, state, responses].join("\n")));
  for (const { hash, is_left: isLeft } of path) {
    const [left, right] = isLeft ? [hash, here] : [here, hash];
    here = await hashed(1, bytes(left), bytes(right));
  }
  return here === root;
}

export default function verifySeal(element) {
  if (!crypto.subtle) {
    element.hidden = true; // a browser computes digests on secure addresses alone
    return;
  }
  const seal = JSON.parse(element.dataset.seal);
  element.querySelector("button").addEventListener("click", async () => {
    const verified = await holds(seal);
    element.querySelector("[data-verified]").hidden = !verified;
    element.querySelector("[data-differs]").hidden = verified;
  });
}
