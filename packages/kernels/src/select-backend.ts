// Picks a backend by name; the rest of the project never names one.

import type { Backend, BackendOptions } from './backend.ts';
import { KernelError } from './kernel-error.ts';

/**
 * Opens the backend of a name: 'wasm', 'reference', or 'auto', which is the fastest that passes its self-test on this machine.
 * Throws KernelError BACKEND_UNAVAILABLE for another name, else what opening it throws.
 */
export async function selectBackend(name: string, options: BackendOptions): Promise<Backend> {
  // Each is loaded when it is wanted: a program that uses one never parses the others.
  switch (name) {
    case 'reference': {
      const { createReferenceBackend } = await import('./reference/reference-backend.ts');
      return createReferenceBackend();
    }
    case 'wasm': {
      const { createWasmBackend } = await import('./wasm/wasm-backend.ts');
      return await createWasmBackend(options);
    }
    case 'auto':
      return await selectFastest(options);
    default:
      throw new KernelError(
        'BACKEND_UNAVAILABLE',
        `There is no backend '${name}' here. Choose auto, wasm or reference.`,
      );
  }
}

async function selectFastest(options: BackendOptions): Promise<Backend> {
  try {
    return await selectBackend('wasm', options);
  } catch (error) {
    // A machine that computes other bits still has the definition itself. Anything else is trouble to be told, not hidden behind a slow backend.
    if (!(error instanceof KernelError) || error.code !== 'SELF_TEST_FAILED') throw error;
    process.emitWarning(`${error.message} The backend 'reference' is used instead; it is many times slower.`);
    return await selectBackend('reference', options);
  }
}
