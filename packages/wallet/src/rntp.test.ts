import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '@resonancenet/bytes/hex';
import { hashOfLeaf } from '@resonancenet/keys/account-policy';
import { feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import { keyHash } from '@resonancenet/primitives/address';
import { base58PolicyId } from '@resonancenet/primitives/policy';
import { lockIdOf } from '@resonancenet/primitives/lock';
import type { Leaf } from '@resonancenet/primitives/condition';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { NO_LOCK, type Output, txid } from '@resonancenet/primitives/transaction';
import { buildPayment } from './build-payment.ts';
import { combineRntps } from './combine-rntps.ts';
import { finaliseRntp } from './finalise-rntp.ts';
import { plainPayment } from './payment-wish.ts';
import { decodeRntp, encodeRntp, type Rntp, type RntpInput, sortedByKey } from './rntp.ts';
import { explainRntpProblem } from './rntp-problem.ts';
import { addSignatures } from './rntp-signatures.ts';
import { signRequests } from './sign-requests.ts';
import { summarise } from './sign-summary.ts';
import { ownBy, signAll, signedBy } from './testing/sign-rntp.ts';
import { accountKinds, namedKey, signAs, WalletWorld } from './testing/test-wallet.ts';
import type { WalletAccount } from './wallet-account.ts';

const RNT = 10_000_000_000n;
const RATE = feeRatePerByte(20);

function paymentOf(account: WalletAccount, world: WalletWorld): Rntp {
  const stranger = accountKinds.social('stranger', 9);
  const payment = { amount: RNT, ...stranger.destination('receive', 0)! } as Output;
  const built = buildPayment(account, plainPayment([payment], RATE), {
    view: world.wallet,
    params: world.params,
    genesisId: world.genesisId,
    relayRate: RATE,
    usualRate: RATE,
    random: () => 0,
  });
  assert.ok(built.ok);
  return built.rntp;
}

function sample(): { readonly world: WalletWorld; readonly account: WalletAccount; readonly rntp: Rntp } {
  const account = accountKinds.heartbeat('a');
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [3n * RNT]));
  return { world, account, rntp: paymentOf(account, world) };
}

/** Keys of three owners: two of them sign by the first leaf, or one with a preimage by the second. */
const owners = ['x', 'y', 'z'].map(namedKey);
const quorum = sortedByKey(owners.map((publicKey) => ({ publicKey }))).map(({ publicKey }) => publicKey);
const preimage = new Uint8Array(32).fill(9);
const shared: readonly Leaf[] = [
  [{ kind: 'threshold', required: 2, publicKeys: quorum }],
  [
    { kind: 'preimage', hash: hashUntagged(preimage) },
    { kind: 'key', publicKey: namedKey('x') },
  ],
];

/** Spends an output under the shared lock by a leaf, and a Base58 output of `w`. */
function sharedSpend(world: WalletWorld, leaf: 0 | 1): Rntp {
  const policyId = accountKinds.social('shared').policyId;
  const base58 = new Uint8Array(24);
  base58.set(keyHash(namedKey('w')));
  const outputs = [
    { amount: RNT, lockId: lockIdOf(shared), policyId },
    { amount: RNT, lockId: base58, policyId: base58PolicyId(world.params.recovery) },
  ] as unknown as Output[];
  const coinbase = world.chain.mine([], { pay: outputs });
  world.chain.advance(5);
  const branch = [hashOfLeaf(shared[leaf === 0 ? 1 : 0]!)];
  const inputs: RntpInput[] = [
    {
      spent: outputs[0]!,
      way: { kind: 'leaf', leaf: shared[leaf]!, index: leaf, count: 2, branch, preimages: [] },
      signatures: [],
    },
    { spent: outputs[1]!, way: { kind: 'keyHash', publicKey: namedKey('w') }, signatures: [] },
  ];
  const names = ['x', 'y', 'z', 'w'];
  return {
    genesisId: world.genesisId,
    transaction: {
      version: 1,
      inputs: [0, 1].map((index) => ({
        outpoint: { txid: txid(coinbase), index },
        sequence: NO_LOCK,
        witness: new Uint8Array(0),
      })),
      outputs: [{ amount: 2n * RNT - 10_000n, ...world.chain.miner } as Output],
      actions: [],
      lockTime: NO_LOCK,
    },
    inputs,
    actions: [],
    outputs: [null],
    origins: sortedByKey(
      names.map((name, index) => ({ publicKey: namedKey(name), fingerprint: printOf(name), path: [44, 9555, index] })),
    ),
  };
}

const printOf = (name: string): Uint8Array => hashUntagged(Uint8Array.of(name.charCodeAt(0))).slice(0, 4);

test('WAL-50: one encoding for each, and all of its bytes count', () => {
  const { rntp, account } = sample();
  for (const one of [rntp, signedBy(rntp, account.fingerprint)]) {
    const bytes = encodeRntp(one);
    assert.equal(toHex(bytes.subarray(0, 5)), '726e747001');
    const decoded = decodeRntp(bytes);
    assert.ok(decoded.ok);
    assert.deepEqual(decoded.rntp, one);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const mutated = bytes.with(at, bytes[at]! ^ change);
        const result = decodeRntp(mutated);
        if (result.ok) assert.deepEqual(encodeRntp(result.rntp), mutated);
        else assert.equal(result.code, 'malformed');
      }),
      { numRuns: 300 },
    );
    for (let length = 0; length < bytes.length; length += 7) assert.ok(!decodeRntp(bytes.subarray(0, length)).ok);
  }
});

test('a changed byte never leads to a signed transaction that the ledger takes for the same', () => {
  const { rntp, account, world } = sample();
  const signed = encodeRntp(signedBy(rntp, account.fingerprint));
  const wanted = toHex(txid(signAll(rntp)));
  let finished = 0;
  for (let at = 0; at < signed.length; at++) {
    const decoded = decodeRntp(signed.with(at, signed[at]! ^ 1));
    if (!decoded.ok) continue;
    const result = finaliseRntp(decoded.rntp);
    if (!result.ok) continue;
    finished++;
    // Only hints for signers may differ: fingerprints and paths.
    assert.equal(toHex(txid(result.transaction)), wanted);
    assert.equal(world.judge(result.transaction), 'valid');
  }
  assert.ok(finished > 0);
});

test('WAL-51: parts that do not fit each other are refused', () => {
  const { rntp } = sample();
  const refused = (change: Partial<Rntp>): void => {
    assert.throws(() => encodeRntp({ ...rntp, ...change }));
  };
  const [input] = rntp.inputs;
  const { way } = input!;
  assert.ok(way.kind === 'leaf');
  refused({ inputs: [] });
  refused({ inputs: [{ ...input!, way: { ...way, index: 1 } }] });
  refused({ inputs: [{ ...input!, way: { ...way, branch: [new Uint8Array(32)] } }] });
  refused({ inputs: [{ ...input!, way: { ...way, preimages: [preimage] } }] });
  refused({ inputs: [{ ...input!, way: { kind: 'keyHash', publicKey: namedKey('x') } }] });
  refused({
    inputs: [{ ...input!, signatures: [{ publicKey: namedKey('x'), flag: 1, signature: new Uint8Array(64) }] }],
  });
  refused({ outputs: [namedKey('x'), null] });
  refused({ actions: [] });
  refused({ origins: [...rntp.origins].reverse() });
});

test('WAL-53, WAL-54: several signers’ copies become one; what is missing is named', () => {
  const world = new WalletWorld(accountKinds.social('a'));
  const rntp = sharedSpend(world, 0);
  const missing = finaliseRntp(rntp);
  assert.ok(!missing.ok && missing.code === 'missing-signatures');
  assert.deepEqual(
    missing.facts.missing.map(({ target, count }) => [target.kind, target.index, count]),
    [
      ['input', 0, 2],
      ['input', 1, 1],
    ],
  );
  const [x, y, w] = ['x', 'y', 'w'].map((name) => signedBy(rntp, printOf(name))) as [Rntp, Rntp, Rntp];
  const half = combineRntps(x, w);
  assert.ok(half.ok);
  const one = finaliseRntp(half.rntp);
  assert.ok(!one.ok);
  assert.match(explainRntpProblem(one), /input 0 needs 1 more/);
  const all = combineRntps(y, half.rntp);
  assert.ok(all.ok);
  const done = finaliseRntp(all.rntp);
  assert.ok(done.ok);
  assert.equal(world.judge(done.transaction), 'valid');
  const other = combineRntps(half.rntp, y);
  assert.ok(other.ok);
  assert.deepEqual(encodeRntp(other.rntp), encodeRntp(all.rntp), 'in any order');
  const third = combineRntps(all.rntp, signedBy(rntp, printOf('z')));
  assert.ok(third.ok);
  const more = finaliseRntp(third.rntp);
  assert.ok(more.ok && world.judge(more.transaction) === 'valid', 'more signatures than are needed do no harm');
});

test('a leaf with a preimage wants it', () => {
  const world = new WalletWorld(accountKinds.social('a'));
  const rntp = sharedSpend(world, 1);
  const signed = signedBy(signedBy(rntp, printOf('x')), printOf('w'));
  const without = finaliseRntp(signed);
  assert.equal(without.ok ? null : without.code, 'missing-preimage');
  const { way } = rntp.inputs[0]!;
  assert.ok(way.kind === 'leaf');
  const known = { ...rntp, inputs: [{ ...rntp.inputs[0]!, way: { ...way, preimages: [preimage] } }, rntp.inputs[1]!] };
  const both = combineRntps(signed, known);
  assert.ok(both.ok);
  const done = finaliseRntp(both.rntp);
  assert.ok(done.ok);
  assert.equal(world.judge(done.transaction), 'valid');
});

test('copies of other transactions, of other networks or with false signatures are refused', () => {
  const world = new WalletWorld(accountKinds.social('a'));
  const rntp = sharedSpend(world, 0);
  const code = (second: Rntp): string | null => {
    const result = combineRntps(rntp, second);
    return result.ok ? null : result.code;
  };
  assert.equal(code(rntp), null);
  assert.equal(code({ ...rntp, genesisId: new Uint8Array(32) }), 'other-network');
  assert.equal(code({ ...rntp, transaction: { ...rntp.transaction, lockTime: 1 } }), 'other-transaction');
  const cheaper = { ...rntp.inputs[0]!, spent: { ...rntp.inputs[0]!.spent, amount: 1n } } as RntpInput;
  assert.equal(
    code({ ...rntp, inputs: [cheaper, rntp.inputs[1]!] }),
    'other-transaction',
    'the amounts are signed too',
  );
  const [input] = signedBy(rntp, printOf('x')).inputs;
  const [signature] = input!.signatures;
  const forged = {
    ...input!,
    signatures: [{ ...signature!, signature: signature!.signature.with(5, signature!.signature[5]! ^ 1) }],
  };
  assert.equal(code({ ...rntp, inputs: [forged, rntp.inputs[1]!] }), 'invalid-signature');
  const false0 = finaliseRntp({ ...rntp, inputs: [forged, rntp.inputs[1]!] });
  assert.equal(false0.ok ? null : false0.code, 'invalid-signature');
  const digest = new Uint8Array(32);
  const add = (publicKey: Uint8Array, index: number): string | null => {
    const result = addSignatures(rntp, [
      { target: { kind: 'input', index }, publicKey, signature: signAs(publicKey, digest) },
    ]);
    return result.ok ? null : result.code;
  };
  assert.deepEqual(
    [add(namedKey('w'), 0), add(namedKey('x'), 0), add(namedKey('x'), 2)],
    ['unknown-key', 'invalid-signature', 'no-such-target'],
  );
});

test('WAL-55: a wallet is asked for its own signatures only, and once', () => {
  const { rntp, account } = sample();
  const requests = signRequests(rntp, account.fingerprint);
  assert.deepEqual(
    requests.map(({ target, path }) => [target.kind, path]),
    [
      ['input', [44, 9555, 0, 0, 0]],
      ['action', [44, 9555, 0, 2, 0]],
    ],
  );
  assert.deepEqual(signRequests(rntp, new Uint8Array(4)), []);
  assert.deepEqual(signRequests(signedBy(rntp, account.fingerprint), account.fingerprint), []);
});

test('WAL-56: change counts as one’s own only if lock and policy are what the signer makes of the path', () => {
  const { rntp, account } = sample();
  const own = ownBy(account);
  const summary = summarise(rntp, own);
  assert.deepEqual(
    summary.outputs.map((output) => output.own),
    [false, true],
  );
  const fee = 3n * RNT - rntp.transaction.outputs[0]!.amount - rntp.transaction.outputs[1]!.amount;
  assert.deepEqual(
    [summary.spent, summary.ownSpent, summary.feeAndBonds, summary.leaves],
    [3n * RNT, 3n * RNT, fee, RNT + fee],
  );
  assert.deepEqual(
    summary.actions.map(({ kind }) => kind),
    ['heartbeat'],
  );
  // The change key stays, the policy is the attacker's.
  const [payment, change] = rntp.transaction.outputs;
  const stolen = { ...change!, policyId: payment!.policyId };
  const lying = summarise({ ...rntp, transaction: { ...rntp.transaction, outputs: [payment!, stolen] } }, own);
  assert.deepEqual([lying.outputs[1]!.own, lying.leaves], [false, 3n * RNT]);
  // The policy is right, the lock has somebody else's second leaf.
  const foreign = { ...change!, lockId: account.destination('receive', 5)!.lockId };
  const other = summarise({ ...rntp, transaction: { ...rntp.transaction, outputs: [payment!, foreign] } }, own);
  assert.equal(other.outputs[1]!.own, false);
  assert.equal(summarise(rntp, () => false).ownSpent, 0n);
});
