// Picks a backend by name; the rest of the project never names one.

import type { Backend, BackendOptions } from './backend.ts';
import { KernelError } from './kernel-error.ts';

/** Opens the backend of a name. Throws KernelError BACKEND_UNAVAILABLE. */
export async function selectBackend(name: string, _options: BackendOptions): Promise<Backend> {
  if (name === 'reference' || name === 'auto') {
    const { createReferenceBackend } = await import('./reference/reference-backend.ts');
    return createReferenceBackend();
  }
  throw new KernelError('BACKEND_UNAVAILABLE', `There is no backend '${name}' here. Choose auto or reference.`);
}
