// The devnet's text: documentation that comes with pinned, platform-independent packages, so that every machine has it after
// installing. Each file is checked against its hash; the order of sections is fixed by their hashes.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { documentText, sections } from './documents.ts';

export interface ManifestEntry {
  readonly package: string;
  readonly path: string;
  readonly sha256: string;
}

export interface Manifest {
  readonly files: readonly ManifestEntry[];
  /** Of the whole corpus, train text and validation text. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface DevnetCorpus {
  /** The two halves that two miners train on; together they are everything but the validation text. */
  readonly halves: readonly [Uint8Array, Uint8Array];
  /** The last tenth: D_val and reserve D_vals are cut from it, and our miner never trains on it. */
  readonly validation: Uint8Array;
}

export class CorpusError extends Error {
  readonly code = 'corpus-damaged';
}

const sectionLength = 3000;

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Folder of an installed package. */
export function packageFolder(name: string): string {
  return dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)));
}

/** The corpus from its files' contents: sections of all documents, each once, ordered by hash. */
export function assemble(files: readonly { readonly path: string; readonly content: string }[]): Uint8Array {
  const encoder = new TextEncoder();
  const unique = new Map<string, Uint8Array>();
  for (const file of files) {
    for (const section of sections(documentText(file.path, file.content), sectionLength)) {
      const bytes = encoder.encode(`${section.trim()}\n\n`);
      unique.set(sha256(bytes), bytes);
    }
  }
  return Buffer.concat([...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => bytes));
}

function readEntry(entry: ManifestEntry): { path: string; content: string } {
  const bytes = readFileSync(join(packageFolder(entry.package), entry.path));
  if (sha256(bytes) !== entry.sha256) {
    throw new CorpusError(
      `${entry.package}/${entry.path} is not the pinned file (SHA-256 ${sha256(bytes)}, expected ${entry.sha256}). Delete node_modules and install again.`,
    );
  }
  return { path: entry.path, content: bytes.toString('utf8') };
}

export function readManifest(): Manifest {
  return JSON.parse(readFileSync(new URL('./devnet-manifest.json', import.meta.url), 'utf8')) as Manifest;
}

/**
 * The devnet corpus, checked file by file and as a whole.
 * @throws CorpusError naming the file that differs
 */
export function loadDevnetCorpus(): DevnetCorpus {
  const manifest = readManifest();
  const all = assemble(manifest.files.map(readEntry));
  if (sha256(all) !== manifest.sha256) {
    throw new CorpusError(
      `The assembled devnet corpus has SHA-256 ${sha256(all)}, expected ${manifest.sha256}. Delete node_modules and install again.`,
    );
  }
  return split(all);
}

/** The last tenth is for validation; the rest falls into two halves. */
export function split(all: Uint8Array): DevnetCorpus {
  const validationStart = all.length - Math.floor(all.length / 10);
  const middle = Math.floor(validationStart / 2);
  return {
    halves: [all.subarray(0, middle), all.subarray(middle, validationStart)],
    validation: all.subarray(validationStart),
  };
}
