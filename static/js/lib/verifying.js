// Recomputing what was published, in this browser: a button, and whether what comes out is what was said.
const text = new TextEncoder();

export const bytes = (string) => text.encode(string);

export const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const sha256 = (content) => crypto.subtle.digest("SHA-256", content);

export function verifying(element, holds) {
  if (!crypto.subtle) {
    element.hidden = true; // a browser computes digests on secure addresses alone
    return;
  }
  const said = JSON.parse(element.dataset.published);
  element.querySelector("button").addEventListener("click", async () => {
    const verified = await holds(said);
    element.querySelector("[data-verified]").hidden = !verified;
    element.querySelector("[data-differs]").hidden = verified;
  });
}
