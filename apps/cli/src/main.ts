// `rnt`: the process.

import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// What is imported from here on is kept compiled: the next command starts in a third of the time.
enableCompileCache(fileURLToPath(new URL('../../../.cache/compiled', import.meta.url)));
const { runProgram } = await import('./program.ts');
await runProgram(process.argv);
