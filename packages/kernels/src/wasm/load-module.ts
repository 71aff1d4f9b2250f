// Compiled kernels, built by tools/build-wasm.ts (`npm run build`), as two kinds of machine code from the same bytes.
//
// Fast code comes from V8's optimising compiler. On x64 that compiler may also join pairs of adjacent 128-bit instructions into 256-bit ones: twice the speed of our
// kernels (measured, per core: 100 instead of 50 GFLOP/s), the same bits, since each lane has the same operations. V8 calls it experimental, so the self-test runs on what
// it makes (self-test.ts), and what decides is compared with plain code (guarded-evaluation.ts).
//
// Plain code comes from V8's baseline compiler alone, which translates instruction by instruction and shares nothing with the other. It is never replaced by fast code.

import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { locks } from 'node:worker_threads';
import { KernelError } from '../kernel-error.ts';

export type KernelCode = 'fast' | 'plain';

const WIDE_FLAG = 'experimental-wasm-revectorize';

/** A custom section, without meaning: other bytes, so that V8 does not hand out code made from the same module in another way. */
function labelled(bytes: Uint8Array, label: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(label);
  return Buffer.concat([bytes, Uint8Array.of(0, name.length + 1, name.length, ...name)]);
}

/**
 * V8 compiles a function for speed when it has run this many bytes of code, 65 times sooner than by default: our few functions are all hot, and the self-test then
 * runs on the code that will decide. Node's own modules keep V8's default.
 */
const TIERING_BUDGET = 200_000;
const DEFAULT_TIERING_BUDGET = 13_000_000;

/** V8's flags belong to the process: one thread at a time compiles. */
const LOCK = 'resonancenet-kernels';

export interface KernelOptions {
  /** Default 'fast'. */
  readonly code?: KernelCode;
  /** Whether fast code may have 256-bit instructions (default: where V8 has them). It is said for the whole process: the last call counts. */
  readonly wide?: boolean;
}

/** Compiles one of the modules of packages/kernels/build. Throws KernelError KERNELS_NOT_BUILT. */
export async function loadKernels(name: string, options: KernelOptions = {}): Promise<WebAssembly.Module> {
  const { code = 'fast', wide = true } = options;
  const file = new URL(`../../build/${name}.wasm`, import.meta.url);
  try {
    const bytes = await readFile(file);
    return await locks.request(LOCK, () =>
      code === 'plain'
        ? compilePlain(labelled(bytes, 'plain'))
        : compileFast(labelled(bytes, wide ? 'wide' : 'narrow'), wide),
    );
  } catch (cause) {
    throw new KernelError(
      'KERNELS_NOT_BUILT',
      `The compiled kernels ${file.pathname} are missing or damaged. Run \`npm run build\` in the project, or install the package again.`,
      { cause },
    );
  }
}

/** The budget is read when a module is made; the flag whenever a function is compiled for speed, so it stays. */
function compileFast(bytes: Uint8Array<ArrayBuffer>, wide: boolean): WebAssembly.Module {
  if (process.arch === 'x64') setFlagsFromString(wide ? `--${WIDE_FLAG}` : `--no-${WIDE_FLAG}`);
  return withFlags(
    // Baseline code of all functions at once, so that none is made while another thread compiles plain code.
    {
      '--no-wasm-lazy-compilation': '--wasm-lazy-compilation',
      [budget(TIERING_BUDGET)]: budget(DEFAULT_TIERING_BUDGET),
    },
    () => new WebAssembly.Module(bytes),
  );
}

function budget(bytes: number): string {
  return `--wasm-tiering-budget=${bytes}`;
}

/** All functions at once, too, and without the counters that would have them compiled for speed later. */
function compilePlain(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  // Code that was dropped for want of memory would be made anew, with counters.
  setFlagsFromString('--no-flush-liftoff-code');
  return withFlags(
    {
      '--no-wasm-lazy-compilation': '--wasm-lazy-compilation',
      '--no-wasm-dynamic-tiering': '--wasm-dynamic-tiering',
      '--no-wasm-tier-up': '--wasm-tier-up',
    },
    () => new WebAssembly.Module(bytes),
  );
}

/** Sets V8's flags for the time of the call, then those that undo them. */
function withFlags<T>(flags: Readonly<Record<string, string>>, call: () => T): T {
  for (const flag of Object.keys(flags)) setFlagsFromString(flag);
  try {
    return call();
  } finally {
    for (const flag of Object.values(flags)) setFlagsFromString(flag);
  }
}
