// The example of spec/wallet.md: the text and this code say the same.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { ownerLeaf } from '@resonancenet/keys/account-policy';
import type { Amount } from '@resonancenet/primitives/amount';
import { keyLockId } from '@resonancenet/primitives/lock';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { NO_LOCK, type Output } from '@resonancenet/primitives/transaction';
import { heartbeatWish } from './own-heartbeat.ts';
import { decodeRntp, encodeRntp, type Rntp } from './rntp.ts';
import { WalletAccount } from './wallet-account.ts';
import { unsignedAction, wishedActionBytes } from './wished-action.ts';
import { accountKinds } from './testing/test-wallet.ts';

const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
/** `K` of spec/blocks.md. */
const publicKey = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');

test('the example of a partially signed transaction is what this code writes and reads', () => {
  const terms = { type: 'emissionReturn', blocks: 200_000, livenessKey: publicKey } as const;
  const fingerprint = Uint8Array.of(1, 2, 3, 4);
  const account = new WalletAccount({ number: 0, fingerprint, terms, siblingHash: null, ranges: [] });
  const output = (amount: bigint): Output => ({
    amount: amount as Amount,
    lockId: keyLockId(publicKey),
    policyId: termsPolicyId(terms),
  });
  const way = { kind: 'leaf', leaf: ownerLeaf(publicKey), index: 0, count: 1, branch: [], preimages: [] } as const;
  const signature = fill(64, 0x5a);
  const rntp: Rntp = {
    genesisId: fill(32, 0xa0),
    transaction: {
      version: 1,
      inputs: [{ outpoint: { txid: fill(32, 0xb1), index: 0 }, sequence: NO_LOCK, witness: fill(0, 0) }],
      outputs: [output(499_999_990_000n)],
      actions: [unsignedAction(heartbeatWish(account, 9555))],
      lockTime: NO_LOCK,
    },
    inputs: [{ spent: output(500_000_000_000n), way, signatures: [{ publicKey, flag: 1, signature }] }],
    actions: [[]],
    outputs: [publicKey],
    origins: [{ publicKey, fingerprint, path: [44, 9555, 0, 0, 0] }],
  };
  const written = toHex(encodeRntp(rntp));
  const chapter = readFileSync(new URL('../../../spec/wallet.md', import.meta.url), 'utf8');
  assert.ok(chapter.includes(`\`${written}\``), written);
  const read = decodeRntp(fromHex(written));
  assert.deepEqual(read.ok ? read.rntp : null, rntp);
});

test('WAL-44: a sign of life takes the bytes that the specification says', () => {
  const bytes = (account: WalletAccount): number => wishedActionBytes(heartbeatWish(account, 9555));
  const { emissionReturn, heartbeat, social } = accountKinds;
  assert.deepEqual([bytes(emissionReturn('a')), bytes(heartbeat('a')), bytes(social('a'))], [103, 106, 105 + 32 * 3]);
});
