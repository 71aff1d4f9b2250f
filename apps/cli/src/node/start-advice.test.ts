import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChainError } from '@resonancenet/chain/chain-error';
import { adviseOnStart, commandWith } from './start-advice.ts';

test('the command is what was typed and one more flag, quoted where a shell needs it', () => {
  assert.equal(commandWith('--reindex', ['start']), 'npx rnt start --reindex');
  assert.equal(
    commandWith('--reindex', ['node', '--data-dir', "/tmp/it's here", '--connect', '[::1]:29555']),
    "npx rnt node --data-dir '/tmp/it'\\''s here' --connect '[::1]:29555' --reindex",
  );
});

test('a ledger that has to be rebuilt is told with its cause and the command; other errors stay as they are', () => {
  const old = new ChainError('chain-reindex', 'The ledger has to be rebuilt: the store is old.');
  const told = adviseOnStart(old, ['node', '--network', 'regtest']);
  assert.ok(told instanceof ChainError);
  assert.deepEqual([told.code, told.cause], ['chain-reindex', old]);
  assert.equal(
    told.message,
    'The ledger has to be rebuilt: the store is old. The command is: npx rnt node --network regtest --reindex',
  );
  for (const other of [new ChainError('chain-network', 'another'), new Error('x'), 'text'])
    assert.equal(adviseOnStart(other, ['node']), other);
});
