// Compiles the AssemblyScript kernels: packages/kernels/assembly/<name>/index.ts -> packages/kernels/build/<name>.wasm.
// Usage: build-wasm.ts [name ...]   (default: every entry that exists)
//
// Threads instantiate one module each over one shared memory. So nothing may live in a module instance: a data segment would be written again by every
// thread that starts, and a global would have one value per thread. The build refuses both (packages/kernels/src/wasm/inspect-module.ts).

import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moduleFaults, readModule } from '../packages/kernels/src/wasm/inspect-module.ts';

/** The part of the compiler's interface that is used here. */
interface Compiler {
  main(
    args: readonly string[],
    io: { readonly writeFile: (file: string, contents: string | Uint8Array) => void },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

// The compiler's own declarations put AssemblyScript's `console` in the place of Node's for every file that is checked with them;
// a name that the checker does not follow keeps them out.
const compilerName: string = 'assemblyscript/asc';
const { default: asc } = (await import(compilerName)) as { readonly default: Compiler };

const kernels = join(dirname(dirname(fileURLToPath(import.meta.url))), 'packages', 'kernels');
const assembly = join(kernels, 'assembly');

/** Only training may use instructions whose result differs between machines (EVAL-1). */
const relaxedModules: ReadonlySet<string> = new Set(['train']);

function entryNames(): string[] {
  return readdirSync(assembly, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(assembly, entry.name, 'index.ts')))
    .map((entry) => entry.name)
    .sort();
}

/** Compiles the entry `folder/name/index.ts` and returns the module's bytes; throws an Error with the compiler's messages. */
export async function compileKernels(name: string, folder: string = assembly): Promise<Uint8Array> {
  const features = relaxedModules.has(name) ? 'simd,threads,relaxed-simd' : 'simd,threads';
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      `${name}/index.ts`,
      ...['--outFile', 'module.wasm', '--runtime', 'stub', '--noAssert', '-O3', '--converge', '--enable', features],
      ...['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
      ...['--use', 'abort=', '--noColors', '--baseDir', folder],
    ],
    {
      writeFile: (_file: string, contents: string | Uint8Array) => {
        if (typeof contents !== 'string') binary = contents;
      },
    },
  );
  if (error !== null || binary === undefined) {
    throw new Error(`assembly/${name} does not compile:\n${stderr.toString()}${error === null ? '' : error.message}`);
  }
  const faults = moduleFaults(readModule(binary), { relaxed: relaxedModules.has(name) });
  if (faults.length > 0)
    throw new Error(`assembly/${name} breaks the rules of shared modules:\n- ${faults.join('\n- ')}`);
  return binary;
}

async function main(names: readonly string[]): Promise<void> {
  const known = entryNames();
  for (const name of names) {
    if (!known.includes(name)) throw new Error(`No kernels named '${name}'. There are: ${known.join(', ')}.`);
  }
  mkdirSync(join(kernels, 'build'), { recursive: true });
  for (const name of names.length > 0 ? names : known) {
    const file = join(kernels, 'build', `${name}.wasm`);
    // Renamed when whole: a program that starts meanwhile reads the old kernels or the new, never half of them.
    writeFileSync(`${file}.${process.pid}`, await compileKernels(name));
    renameSync(`${file}.${process.pid}`, file);
  }
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
