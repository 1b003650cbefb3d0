// Proof that this page computes what the board computes: hashes of all tensors, against those of the emulator.
import { unpackYuv } from "./camera.js";

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The SHA-256 of the input, all computed tensors in the order of their indices, and the restored picture. */
export async function hashOf(tensors, restored) {
  const parts = [...tensors].sort(([a], [b]) => a - b).map(([, values]) => values);
  const size = parts.reduce((sum, each) => sum + each.length, restored.length);
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of [...parts, restored]) {
    all.set(new Uint8Array(part.buffer, part.byteOffset, part.length), at);
    at += part.length;
  }
  return { hash: hex(await crypto.subtle.digest("SHA-256", all)), bytes: size };
}

/** Runs the frames that the site was built with. */
export async function prove(proof, get, ready, keepInput, data) {
  if (!globalThis.crypto?.subtle) throw new Error("this address is not secure, so the browser gives no SHA-256: open the page by https or from localhost");
  const found = [];
  for (const { name, file, sha256 } of proof.frames) {
    const frame = new Uint8Array(await (await get(file)).arrayBuffer());
    const restored = ready.net.run(frame);
    keepInput(ready, unpackYuv(frame, data.camera.unpack));
    const { hash, bytes } = await hashOf(ready.net.tensors, restored);
    found.push({ name, hash, bytes, same: hash === sha256 });
  }
  return { model: proof.model, frames: found };
}
