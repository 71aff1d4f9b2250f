// The examples of spec/ledger.md: the text, this code and the independent script of spec/check say the same.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { TAG } from '@resonancenet/crypto/tags';
import { mainnet } from '@resonancenet/params/mainnet';
import { encodeAction } from './action-content.ts';
import { keyHash } from './address.ts';
import { amount } from './amount.ts';
import { type Leaf, leafCodec } from './condition.ts';
import { leafBranch, leafHash, lockIdOf } from './lock.ts';
import { base58PolicyId } from './policy.ts';
import { encodeTerms, type PolicyTerms, type SocialTerms, termsPolicyId } from './policy-terms.ts';
import { NO_LEAF_HASH, type SpentOutput, TransactionSighash } from './sighash.ts';
import { type Input, NO_LOCK, type Transaction, txid } from './transaction.ts';
import { encodeKeyHashWitness, encodeLockWitness, SIGHASH_ALL, SIGHASH_SINGLE, type SighashFlag } from './witness.ts';

const specification = new URL('../../../spec/', import.meta.url);
const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);

const key = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
const three = [fill(2), fill(3), fill(4)];
const leaves: readonly [Leaf, Leaf, Leaf] = [
  [{ kind: 'key', publicKey: key }],
  [
    { kind: 'older', blocks: 144 },
    { kind: 'key', publicKey: fill(1) },
  ],
  [
    { kind: 'threshold', required: 2, publicKeys: three },
    { kind: 'preimage', hash: fill(5) },
    { kind: 'after', height: 840_000 },
    { kind: 'idle' },
    { kind: 'announced' },
  ],
];
const encoded = leaves.map((leaf) => encode(leafCodec, leaf));
const leafHash1 = leafHash(encoded[1]!);
const lock0 = lockIdOf(leaves.slice(0, 1));
const lock = lockIdOf(leaves);

const termsH: PolicyTerms = { type: 'heartbeat', interval: 10_000, timeout: 1_000, livenessKey: key };
const termsS: SocialTerms = { type: 'social', wait: 1_000, livenessKey: key, required: 2, guardians: three };
const termsE: PolicyTerms = { type: 'emissionReturn', blocks: 200_000, livenessKey: key };
const [policyH, policyS, policyE] = [termsH, termsS, termsE].map(termsPolicyId) as [Uint8Array, Uint8Array, Uint8Array];

const signature = fill(0x5a, 64);
const heartbeat = encodeAction({ kind: 'heartbeat', terms: termsH, signature });
const announcement = encodeAction({
  kind: 'announce',
  terms: termsS,
  destination: { lockId: lock0, policyId: policyE },
  signatures: [0, 1].map((guardian) => ({ guardian, signature })),
});

const witness0 = encodeLockWitness({
  leaf: leaves[1],
  index: 1,
  count: 3,
  branch: leafBranch(leaves, 1),
  satisfactions: [{ kind: 'none' }, { kind: 'key', flag: SIGHASH_ALL, signature }],
});
const witness1 = encodeKeyHashWitness({ publicKey: key, flag: SIGHASH_SINGLE, signature });
const input0: Input = { outpoint: { txid: fill(0xb1), index: 0 }, sequence: 144, witness: witness0 };
const input1: Input = { outpoint: { txid: fill(0xb2), index: 1 }, sequence: NO_LOCK, witness: witness1 };
const spent0: SpentOutput = { amount: amount(500_000_000_000n), lockId: lock, policyId: policyH };
const spent1: SpentOutput = {
  amount: amount(7n),
  lockId: Uint8Array.of(...keyHash(key), 0, 0, 0, 0),
  policyId: base58PolicyId(mainnet.recovery),
};
const output0 = { amount: amount(499_999_990_000n), lockId: lock0, policyId: policyS };
const output1 = { amount: amount(7n), lockId: lock0, policyId: policyE };

const t1: Transaction = { version: 1, inputs: [input0], outputs: [output0], actions: [], lockTime: NO_LOCK };
const t2: Transaction = {
  version: 1,
  inputs: [input0, input1],
  outputs: [output0, output1],
  actions: [heartbeat, announcement],
  lockTime: 840_000,
};
const genesisId = fill(0xa0);
const sighash1 = new TransactionSighash(genesisId, t1, [spent0]);
const sighash2 = new TransactionSighash(genesisId, t2, [spent0, spent1]);

function covered(sighash: TransactionSighash, index: number, flag: SighashFlag): Uint8Array {
  const message = sighash.input(index, flag, index === 0 ? leafHash1 : NO_LEAF_HASH);
  assert.ok(message !== null);
  return message;
}

const computed: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['leaf 0', encoded[0]!],
  ['leaf 1', encoded[1]!],
  ['leaf 2', encoded[2]!],
  ['hash of leaf 1', leafHash1],
  ['lock of leaf 0', lock0],
  ['lock of all three', lock],
  ['witness by leaf 1', witness0],
  ['witness of a Base58 output', witness1],
  ['terms H', encodeTerms(termsH)],
  ['terms S', encodeTerms(termsS)],
  ['terms E', encodeTerms(termsE)],
  ['policy H', policyH],
  ['policy S', policyS],
  ['policy E', policyE],
  ['data of the heartbeat', heartbeat.data],
  ['data of the announcement', announcement.data],
  ['txid of T1', txid(t1)],
  ['T1 input 0 ALL', covered(sighash1, 0, SIGHASH_ALL)],
  ['T1 input 0 SINGLE', covered(sighash1, 0, SIGHASH_SINGLE)],
  ['txid of T2', txid(t2)],
  ['T2 input 0 ALL', covered(sighash2, 0, SIGHASH_ALL)],
  ['T2 input 0 SINGLE', covered(sighash2, 0, SIGHASH_SINGLE)],
  ['T2 input 1 ALL', covered(sighash2, 1, SIGHASH_ALL)],
  ['T2 input 1 SINGLE', covered(sighash2, 1, SIGHASH_SINGLE)],
  ['T2 heartbeat', sighash2.action(0, TAG.heartbeat)],
  ['T2 announcement', sighash2.action(1, TAG.announce)],
];

/** Rows `| name | hex |` of the chapter's examples. */
function specified(): [name: string, hex: string][] {
  const text = readFileSync(new URL('ledger.md', specification), 'utf8').split('## Examples')[1] ?? '';
  return [...text.matchAll(/^\| (.+?) +\| `([0-9a-f]+)` \|$/gm)].map(([, name, hex]) => [name!, hex!]);
}

const ours = computed.map(([name, bytes]): [string, string] => [name, toHex(bytes)]);

test('the examples of spec/ledger.md are what this code computes', () => {
  assert.deepEqual(specified(), ours);
});

const python = '/usr/bin/python3';
const skip =
  spawnSync(python, ['--version']).status === 0 ? false : `${python} is not on this machine: spec/check was not run`;

test('the script of spec/check computes the same examples', { skip }, () => {
  const script = fileURLToPath(new URL('check/ledger.py', specification));
  const run = spawnSync(python, ['-B', script], { encoding: 'utf8' });
  assert.equal(run.stderr, '');
  assert.deepEqual(
    run.stdout.trimEnd().split('\n'),
    ours.map(([name, hex]) => `${name}: ${hex}`),
  );
});
