// Preloaded into a node (`--import`): its optimising compiler takes every product for a sum. It knows fast code by the label that load-module.ts gives it.

const F32X4_MUL = [0xfd, 0xe6, 0x01];
const F32X4_ADD = [0xfd, 0xe4, 0x01];

function miscompile(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const wrong = Uint8Array.from(bytes);
  for (let at = 0; at + F32X4_MUL.length <= wrong.length; at += 1)
    if (F32X4_MUL.every((byte, index) => wrong[at + index] === byte)) wrong.set(F32X4_ADD, at);
  return wrong;
}

const { Module } = WebAssembly;
const isFast = (bytes: Uint8Array): boolean =>
  /(wide|narrow)$/.test(Buffer.from(bytes.subarray(-6)).toString('latin1'));

WebAssembly.Module = new Proxy(Module, {
  construct: (target, [bytes]: [Uint8Array<ArrayBuffer>]) => new target(isFast(bytes) ? miscompile(bytes) : bytes),
});
