// Writes packages/corpus/src/devnet-manifest.json from the installed documentation packages. Run it only to found a new devnet:
// another corpus means another genesis.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble, packageFolder } from '../packages/corpus/src/devnet-corpus.ts';
import { root } from './workspaces.ts';
import { globSync } from 'node:fs';

const chosen: readonly { readonly package: string; readonly pattern: string }[] = [
  { package: 'corpus-types-node', pattern: '**/*.d.ts' },
  { package: 'corpus-fastify', pattern: 'docs/**/*.md' },
  { package: 'corpus-pino', pattern: 'docs/*.md' },
];

const files = chosen.flatMap(({ package: name, pattern }) =>
  globSync(pattern, { cwd: packageFolder(name) })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => {
      const bytes = readFileSync(join(packageFolder(name), path));
      return {
        package: name,
        path,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        content: bytes.toString('utf8'),
      };
    }),
);
const all = assemble(files);
const manifest = {
  bytes: all.length,
  sha256: createHash('sha256').update(all).digest('hex'),
  files: files.map(({ content: _, ...entry }) => entry),
};
writeFileSync(join(root, 'packages/corpus/src/devnet-manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
console.log(`${files.length} files, ${all.length} bytes of text, SHA-256 ${manifest.sha256}`);
