// Compiled kernels, built by tools/build-wasm.ts (`npm run build`).

import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { KernelError } from '../kernel-error.ts';

/**
 * V8 can join pairs of adjacent 128-bit instructions into 256-bit ones where the machine has AVX2: twice the speed of our kernels (measured, per core: 100 instead of
 * 50 GFLOP/s), the same bits, since each lane has the same operations. V8 calls it experimental, so the self-test runs on what it makes (self-test.ts), and a backend that
 * fails is loaded again without it.
 */
const WIDE_FLAG = 'experimental-wasm-revectorize';

/** A custom section, without meaning: other bytes, so that V8 does not hand out code compiled from the module before. */
const NARROW_SECTION: Uint8Array = Uint8Array.of(0, 7, 6, ...new TextEncoder().encode('narrow'));

/**
 * V8 compiles a function for speed when it has run this many bytes of code, 65 times sooner than by default: our few functions are all hot, and the self-test then
 * runs on the code that will decide. Node's own modules keep V8's default.
 */
const TIERING_BUDGET = 200_000;
const DEFAULT_TIERING_BUDGET = 13_000_000;

/** Compiles one of the modules of packages/kernels/build. `wide`: see above (default: where V8 has it). Throws KernelError KERNELS_NOT_BUILT. */
export async function loadKernels(name: string, wide: boolean = process.arch === 'x64'): Promise<WebAssembly.Module> {
  const file = new URL(`../../build/${name}.wasm`, import.meta.url);
  try {
    return compile(Buffer.concat([await readFile(file), wide ? new Uint8Array() : NARROW_SECTION]), wide);
  } catch (cause) {
    throw new KernelError(
      'KERNELS_NOT_BUILT',
      `The compiled kernels ${file.pathname} are missing or damaged. Run \`npm run build\` in the project, or install the package again.`,
      { cause },
    );
  }
}

/** The budget is read when a module is made; the other flag whenever a function is compiled, so it stays. */
function compile(bytes: Uint8Array<ArrayBuffer>, wide: boolean): WebAssembly.Module {
  if (process.arch === 'x64') setFlagsFromString(wide ? `--${WIDE_FLAG}` : `--no-${WIDE_FLAG}`);
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    setFlagsFromString(`--wasm-tiering-budget=${DEFAULT_TIERING_BUDGET}`);
  }
}
