// The signer: the only process in which words, seeds, passphrases and private keys are. The command line starts it.

import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// What is imported from here on is kept compiled, so that the next one starts faster.
enableCompileCache(fileURLToPath(new URL('../../../.cache/compiled', import.meta.url)));
const { runSigner } = await import('./signer.ts');
await runSigner();
