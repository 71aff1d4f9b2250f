// Compiled kernels, built by tools/build-wasm.ts (`npm run build`).

import { readFile } from 'node:fs/promises';
import { KernelError } from '../kernel-error.ts';

/** Compiles one of the modules of packages/kernels/build. Throws KernelError KERNELS_NOT_BUILT. */
export async function loadKernels(name: string): Promise<WebAssembly.Module> {
  const file = new URL(`../../build/${name}.wasm`, import.meta.url);
  try {
    return await WebAssembly.compile(new Uint8Array(await readFile(file)));
  } catch (cause) {
    throw new KernelError(
      'KERNELS_NOT_BUILT',
      `The compiled kernels ${file.pathname} are missing or damaged. Run \`npm run build\`.`,
      {
        cause,
      },
    );
  }
}
