// `make-genesis.ts [network ...]`: computes what follows from a network's weight seed and the devnet corpus, and writes
// packages/params/src/genesis/<network>.ts. Anybody who runs it gets the same numbers; another corpus, seed, shape or evaluation
// founds another network.

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cutDvals } from '../packages/corpus/src/dvals.ts';
import { selectBackend } from '../packages/kernels/src/select-backend.ts';
import type { GenesisConstants, NetworkParams } from '../packages/params/src/network-params.ts';
import { networkByName, networks } from '../packages/params/src/networks.ts';
import { computeGenesisConstants } from '../packages/training/src/genesis-constants.ts';
import { root } from './workspaces.ts';

/** How many validation sets each network has in all: one in force and a reserve, as many as the corpus gives. */
const dvalCounts: Readonly<Record<string, number>> = { mainnet: 3, testnet: 8, devnet: 12, regtest: 8, growtest: 8 };

async function constantsOf(params: NetworkParams): Promise<GenesisConstants> {
  const dvals = await cutDvals({
    vocabulary: params.vocabulary.kind,
    windows: params.dval.windows,
    length: params.dval.windowSize,
    count: dvalCounts[params.name] ?? 2,
  });
  const backend = await selectBackend('auto', { threads: availableParallelism() });
  try {
    return await computeGenesisConstants(params, dvals, backend, (done, total) =>
      process.stderr.write(`\r${params.name}: ${done}/${total} windows `),
    );
  } finally {
    process.stderr.write('\n');
    await backend.close();
  }
}

function source(name: string, constants: GenesisConstants): string {
  return `// Computed, not typed: \`node tools/make-genesis.ts ${name}\` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const ${name}Genesis: GenesisConstants | null = {
  valLoss: ${constants.valLoss.toString().replace(/\B(?=(\d{3})+$)/g, '_')},
  lossRoot: '${constants.lossRoot}',
  checkpointRoot: '${constants.checkpointRoot}',
  dvalIds: [
${constants.dvalIds.map((id) => `    '${id}',`).join('\n')}
  ],
};
`;
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : networks.map((network) => network.name);
for (const name of wanted) {
  const params = networkByName(name);
  if (params === null)
    throw new Error(`There is no network '${name}'. There are: ${networks.map((n) => n.name).join(', ')}.`);
  const started = performance.now();
  const constants = await constantsOf(params);
  writeFileSync(join(root, 'packages/params/src/genesis', `${name}.ts`), source(name, constants));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name}: val_loss ${constants.valLoss} micro-nats, ${constants.dvalIds.length} D_vals, ${seconds} s`);
}
