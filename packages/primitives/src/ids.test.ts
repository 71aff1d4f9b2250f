import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Amount, amount } from './amount.ts';
import type { BlockId, Height, LockId, PolicyId, TxId } from './ids.ts';

test('the type checker keeps apart what would cost money to mix', () => {
  const money: Amount = amount(5n);
  const block: BlockId = new Uint8Array(32);
  const lock: LockId = new Uint8Array(24);
  const height: Height = 7;
  // @ts-expect-error a bigint becomes money through amount() only, which checks its range
  const bare: Amount = 5n;
  // @ts-expect-error the id of a block is no id of a transaction
  const transaction: TxId = block;
  // @ts-expect-error a lock is no policy
  const policy: PolicyId = lock;
  // @ts-expect-error an amount is no height
  const wrong: Height = money;
  assert.deepEqual([bare, transaction, policy, wrong, height], [5n, block, lock, 5n, 7]);
});
