import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allProposals } from '@resonancenet/ledger/rotation/rotation-records';
import { readTotals } from '@resonancenet/ledger/totals';
import { RESONANCES_PER_RNT } from '@resonancenet/params/protocol-constants';
import { decodeAction } from '@resonancenet/primitives/action-content';
import { decodeLockWitness } from '@resonancenet/primitives/witness';
import { crashParams } from './crash-script.ts';
import { Story } from './crash-story.ts';

/** Of the chain that wins in the script. */
const HEIGHT = 29;

test('the story has every kind of recovery and every fate of a proposal in it', () => {
  const story = new Story(crashParams);
  const blocks = story.chain(null, HEIGHT, { seed: 1, gain: 5_000 });
  const transactions = blocks.flatMap(({ transactions: each }) => each.slice(1));
  const actions = transactions.flatMap((transaction) => transaction.actions.map((action) => decodeAction(action)));
  const kinds = new Set(actions.map((read) => (read.ok ? read.content.kind : '')));
  assert.deepEqual([...kinds].sort(), ['announce', 'heartbeat', 'propose', 'reveal']);
  const conditions = transactions.flatMap(({ inputs }) =>
    inputs.flatMap(({ witness }) => {
      const read = decodeLockWitness(witness);
      return read.ok ? read.witness.leaf.map(({ kind }) => kind) : [];
    }),
  );
  for (const kind of ['key', 'idle', 'announced']) assert.ok(conditions.filter((each) => each === kind).length >= 4);
  const state = story.stateAfter(blocks.at(-1)!);
  const fates = [...allProposals(state)].map(({ record }) => record.status).sort();
  assert.deepEqual(fates, ['active', 'cancelled', 'expired', 'failed']);
  // The three bonds went to the pool, and with them money that was under a policy with terms, and money of a bare key.
  const { returned, lapsed } = readTotals(state);
  assert.ok(returned > 3n * crashParams.rotation.bond + 4n * RESONANCES_PER_RNT && lapsed === 0n);
  assert.equal(new Set(blocks.map(({ header }) => `${header.dvalId}`)).size, 2);
});
