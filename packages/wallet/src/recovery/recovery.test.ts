import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { heartbeatLeaf } from '@resonancenet/keys/account-policy';
import { readPolicy } from '@resonancenet/ledger/policy-registry';
import { feeAtRate, feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import type { SocialTerms } from '@resonancenet/primitives/policy-terms';
import { type Output, type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { addressOrigin } from '../account-paths.ts';
import { balanceOf } from '../balance.ts';
import { buildPayment } from '../build-payment.ts';
import { combineRntps } from '../combine-rntps.ts';
import { finaliseRntp } from '../finalise-rntp.ts';
import { historyOf } from '../history.ts';
import { type BuiltPayment, type PaymentContext, plainPayment } from '../payment-wish.ts';
import type { KeyOrigin, Rntp } from '../rntp.ts';
import { keysWithoutOrigin, withOrigins } from '../rntp-origins.ts';
import { signRequests } from '../sign-requests.ts';
import { summarise } from '../sign-summary.ts';
import { ownBy, signAll, signedBy } from '../testing/sign-rntp.ts';
import { accountKinds, fingerprintOf, guardianKeys, namedKey, WalletWorld } from '../testing/test-wallet.ts';
import type { WalletAccount } from '../wallet-account.ts';
import { explainWalletProblem, type WalletProblem } from '../wallet-problem.ts';
import { announceRecovery, giveSignOfLife } from './announce-recovery.ts';
import { claimAsGuardians } from './claim-as-guardians.ts';
import { claimAsHeir } from './claim-as-heir.ts';
import type { BuiltRecovery, RecoveryContext } from './recovery-context.ts';
import { askedKeys, recoveryRequests } from './recovery-requests.ts';

const RNT = 10_000_000_000n;
const RATE = feeRatePerByte(20);
const heir: KeyOrigin = { publicKey: namedKey('heir'), fingerprint: fingerprintOf('heir'), path: [44, 9555, 0, 4, 0] };
const guardians: readonly KeyOrigin[] = guardianKeys().map((publicKey, index) => ({
  publicKey,
  fingerprint: fingerprintOf(`guardian ${index}`),
  path: [44, 9555, 0, 3, 0],
}));
const target = accountKinds.emissionReturn('new owner', 5).destination('receive', 0)!;

const paymentContext = (world: WalletWorld): PaymentContext => ({
  view: world.wallet,
  params: world.params,
  genesisId: world.genesisId,
  relayRate: feeRatePerByte(world.params.minRelayFee),
  usualRate: RATE,
  random: () => 0,
});

const recoveryContext = (world: WalletWorld, account: WalletAccount): RecoveryContext => ({
  view: world.wallet,
  params: world.params,
  genesisId: world.genesisId,
  record: readPolicy(world.chain.view, account.policyId),
  rate: RATE,
});

function ok<T extends { readonly ok: true }>(result: T | WalletProblem): T {
  assert.ok(result.ok, result.ok ? '' : explainWalletProblem(result));
  return result;
}

function opens(result: BuiltRecovery | WalletProblem): number {
  assert.ok(!result.ok && result.code === 'too-early', result.ok ? 'it is open' : explainWalletProblem(result));
  return result.facts.opens;
}

/** Exactly what is built, signed by everybody that it names, by the ledger's rules at the next block. */
function judged(world: WalletWorld, built: BuiltRecovery | BuiltPayment): Transaction {
  const transaction = signAll(built.rntp);
  assert.equal(world.judge(transaction), 'valid');
  assert.equal(encode(transactionCodec, transaction).length, built.bytes);
  return transaction;
}

/** What the ledger says of the same transaction as if one block were missing. */
function oneBlockEarlier(world: WalletWorld, transaction: Transaction): string {
  world.undo();
  const verdict = world.judge(transaction);
  world.mine();
  return verdict;
}

test('WAL-72: the heir takes a heartbeat account’s coins when they are idle for its blocks, not one block earlier', () => {
  const account = accountKinds.heartbeat('lost');
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [3n * RNT]));
  world.mine([], { pay: world.pay(account, [2n * RNT], 1) });
  const claim = (): BuiltRecovery | WalletProblem =>
    claimAsHeir(account, heir.publicKey, [heir], target, recoveryContext(world, account));
  assert.equal(opens(claim()), 1 + 11);
  assert.match(explainWalletProblem(claim() as WalletProblem), /too early: opens at height 12, the next block is 8/);
  world.advance(12 - world.next - 1);
  assert.equal(opens(claim()), 12);
  world.mine();
  const built = ok(claim());
  assert.deepEqual([built.amount, built.later], [3n * RNT - built.fee, { amount: 2n * RNT, opens: 7 + 11 }]);
  assert.equal(built.fee, feeAtRate(RATE, built.bytes));
  const transaction = judged(world, built);
  assert.equal(oneBlockEarlier(world, transaction), 'tx-idle');
  world.mine([transaction]);
  assert.equal(balanceOf(world.wallet, account, world.params, 0).total, 2n * RNT);
  assert.equal(opens(claim()), 18);
});

test('an owner’s heartbeat shuts the heir out; another key than the heir’s never gets in', () => {
  const account = accountKinds.heartbeat('lost');
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [3n * RNT, RNT]));
  world.advance(12 - world.next);
  const context = (): RecoveryContext => recoveryContext(world, account);
  const early = judged(world, ok(claimAsHeir(account, heir.publicKey, [heir], target, context())));
  const other = claimAsHeir(account, namedKey('thief'), [], target, context());
  assert.equal(other.ok ? null : other.code, 'not-the-heir');
  const honest = ok(claimAsHeir(account, heir.publicKey, [heir], target, context())).rntp;
  // The thief's own leaf leads to another lock: the file is refused, and so is the transaction.
  const leaf = heartbeatLeaf(namedKey('thief'));
  const stolen = {
    ...honest,
    inputs: honest.inputs.map((input) => ({ ...input, way: { ...input.way, leaf } })),
  } as Rntp;
  assert.throws(() => signedBy(stolen, heir.fingerprint), /do not lead to the lock/);
  const unsigned = finaliseRntp(honest);
  assert.equal(unsigned.ok ? null : unsigned.code, 'missing-signatures');
  const sign = judged(world, ok(giveSignOfLife(account, account, RATE, paymentContext(world))));
  world.mine([sign]);
  assert.equal(opens(claimAsHeir(account, heir.publicKey, [heir], target, context())), world.chain.height + 11);
  assert.notEqual(world.judge(early), 'valid');
});

test('WAL-73, WAL-74: guardians announce, wait and claim across machines; everything arrives but the fee', () => {
  const account = accountKinds.social('lost');
  const helper = accountKinds.emissionReturn('helper', 1);
  const world = new WalletWorld(account, helper);
  const lost = world.pay(account, [3n * RNT, 2n * RNT]);
  world.fund(...lost, { amount: RNT, ...helper.destination('receive', 0)! } as Output);
  const terms = account.terms as SocialTerms;
  const claim = (): BuiltRecovery | WalletProblem =>
    claimAsGuardians(account, guardians.slice(0, 2), recoveryContext(world, account));
  const before = claim();
  assert.equal(before.ok ? null : before.code, 'no-announcement');
  const announced = ok(
    announceRecovery(
      helper,
      terms,
      target,
      guardians,
      recoveryContext(world, account).record,
      RATE,
      paymentContext(world),
    ),
  );
  assert.equal(announced.bonds, 0n);
  // Each guardian signs a copy; somebody joins them with the payer's.
  const copies = [helper.fingerprint, guardians[0]!.fingerprint, guardians[2]!.fingerprint].map((print) =>
    signedBy(announced.rntp, print),
  );
  const one = finaliseRntp(copies[0]!);
  assert.ok(!one.ok && one.code === 'missing-signatures');
  assert.deepEqual(
    one.facts.missing.map(({ target: { kind }, count }) => [kind, count]),
    [['action', 2]],
  );
  const joined = copies.reduce((all, copy) => {
    const result = combineRntps(all, copy);
    assert.ok(result.ok);
    return result.rntp;
  });
  const done = finaliseRntp(joined);
  assert.ok(done.ok);
  assert.equal(world.judge(done.transaction), 'valid');
  world.mine([done.transaction]);
  const at = world.chain.height;
  assert.equal(opens(claim()), at + 6);
  world.advance(at + 5 - world.next);
  assert.equal(opens(claim()), at + 6);
  world.mine();
  const built = ok(claim());
  const transaction = judged(world, built);
  assert.equal(oneBlockEarlier(world, transaction), 'tx-announced-wait');
  assert.deepEqual(transaction.outputs, [{ amount: 5n * RNT - built.fee, ...target }]);
  world.mine([transaction]);
  assert.equal(balanceOf(world.wallet, account, world.params, 0).total, 0n);
  const after = claim();
  assert.equal(after.ok ? null : after.code, 'nothing-to-recover');
});

test('WAL-57: a guardian whose key’s place the maker does not know adds it, and then signs', () => {
  const account = accountKinds.social('lost');
  const helper = accountKinds.emissionReturn('helper', 1);
  const world = new WalletWorld(account, helper);
  world.fund({ amount: RNT, ...helper.destination('receive', 0)! } as Output);
  const { record } = recoveryContext(world, account);
  const { rntp } = ok(
    announceRecovery(
      helper,
      account.terms as SocialTerms,
      target,
      [guardians[1]!],
      record,
      RATE,
      paymentContext(world),
    ),
  );
  const [first, , third] = guardianKeys();
  assert.deepEqual(keysWithoutOrigin(rntp), [first, third]);
  assert.deepEqual(signRequests(rntp, guardians[0]!.fingerprint), []);
  const stranger = { ...guardians[0]!, publicKey: namedKey('stranger') };
  assert.deepEqual(withOrigins(rntp, [stranger]), rntp, 'keys that are not asked for stay out');
  const known = withOrigins(rntp, [guardians[0]!]);
  const joined = combineRntps(signedBy(rntp, guardians[1]!.fingerprint), signedBy(known, guardians[0]!.fingerprint));
  assert.ok(joined.ok);
  const done = finaliseRntp(signedBy(joined.rntp, helper.fingerprint));
  assert.ok(done.ok);
  assert.equal(world.judge(done.transaction), 'valid');
});

test('a claim to one’s own address is seen by the signer as such', () => {
  const account = accountKinds.heartbeat('lost');
  const own = accountKinds.emissionReturn('new owner', 5);
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [3n * RNT]));
  world.advance(12 - world.next);
  const place = own.placeOf(target.lockId)!;
  const destinationKey = addressOrigin(9555, place);
  const built = ok(
    claimAsHeir(account, heir.publicKey, [heir], target, { ...recoveryContext(world, account), destinationKey }),
  );
  judged(world, built);
  const { outputs, leaves } = summarise(built.rntp, ownBy(own));
  assert.deepEqual([outputs[0]!.own, leaves], [true, -built.amount]);
});

test('WAL-56: what is signed is told: who announces, who claims, whose signatures are there', () => {
  const account = accountKinds.social('lost');
  const helper = accountKinds.emissionReturn('helper', 1);
  const world = new WalletWorld(account, helper);
  world.fund(...world.pay(account, [3n * RNT, 2n * RNT]), {
    amount: RNT,
    ...helper.destination('receive', 0)!,
  } as Output);
  const terms = account.terms as SocialTerms;
  const { record } = recoveryContext(world, account);
  const announced = ok(announceRecovery(helper, terms, target, [guardians[1]!], record, RATE, paymentContext(world)));
  const once = signedBy(announced.rntp, guardians[1]!.fingerprint);
  const [announcement, life] = recoveryRequests(once);
  assert.deepEqual(announcement, { kind: 'announcement', policyId: account.policyId, terms, destination: target });
  assert.deepEqual([life!.kind, life!.policyId], ['sign-of-life', helper.policyId], 'the payer\u2019s own');
  const [first, second, third] = guardianKeys();
  assert.deepEqual(
    askedKeys(once).map(({ publicKey, part, origin, hasSigned }) => [publicKey, part, origin !== null, hasSigned]),
    [
      [helper.keyAt('receive', 0), 'owner', true, false],
      [first, 'guardian', false, false],
      [second, 'guardian', true, true],
      [third, 'guardian', false, false],
      [helper.terms.livenessKey, 'sign-of-life', true, false],
    ],
  );
  world.mine([
    judged(world, ok(announceRecovery(helper, terms, target, guardians, record, RATE, paymentContext(world)))),
  ]);
  world.advance(6);
  const claimed = ok(claimAsGuardians(account, [], recoveryContext(world, account))).rntp;
  assert.deepEqual(recoveryRequests(claimed), [
    { kind: 'claim', policyId: account.policyId, by: 'guardians', coins: 2, amount: 5n * RNT },
  ]);
  const heartbeat = accountKinds.heartbeat('other', 3);
  const other = new WalletWorld(heartbeat);
  other.fund(...other.pay(heartbeat, [RNT]));
  other.advance(12);
  const taken = ok(claimAsHeir(heartbeat, heir.publicKey, [], target, recoveryContext(other, heartbeat))).rntp;
  assert.deepEqual(recoveryRequests(taken), [
    { kind: 'claim', policyId: heartbeat.policyId, by: 'heir', coins: 1, amount: RNT },
  ]);
  assert.deepEqual(askedKeys(taken), [{ publicKey: heir.publicKey, part: 'heir', origin: null, hasSigned: false }]);
});

test('WAL-75: the owner cancels; the next announcement costs a bond, which comes back when it is used', () => {
  const account = accountKinds.social('owner');
  const helper = accountKinds.emissionReturn('helper', 1);
  const world = new WalletWorld(account, helper);
  const pay = (amount: bigint, index: number): Output =>
    ({ amount, ...helper.destination('receive', index)! }) as Output;
  world.fund(...world.pay(account, [3n * RNT]), pay(2n * RNT, 0), pay(RNT, 1));
  const record = () => recoveryContext(world, account).record;
  const announce = (): BuiltPayment =>
    ok(
      announceRecovery(
        helper,
        account.terms as SocialTerms,
        target,
        guardians.slice(0, 2),
        record(),
        RATE,
        paymentContext(world),
      ),
    );
  world.mine([judged(world, announce())]);
  world.advance(7);
  const open = judged(world, ok(claimAsGuardians(account, guardians.slice(0, 2), recoveryContext(world, account))));
  world.mine([judged(world, ok(giveSignOfLife(account, helper, RATE, paymentContext(world))))]);
  assert.equal(world.judge(open), 'tx-announced-none', 'cancelled, though the owner’s own coins were not touched');
  assert.equal(record().announcement, null);
  const second = announce();
  assert.equal(second.bonds, RNT);
  const transaction = judged(world, second);
  assert.equal(world.feeOf(transaction), second.fee);
  world.mine([transaction]);
  world.advance(6);
  const built = ok(claimAsGuardians(account, guardians.slice(1), recoveryContext(world, account)));
  assert.equal(built.amount, 4n * RNT - built.fee);
  world.mine([judged(world, built)]);
  const [entry] = historyOf(world.wallet, account, 1).entries;
  assert.equal(entry!.feeAndBonds, built.fee - RNT, 'the bond came in');
});

test('fewer guardians than are needed cannot claim, and strangers cannot announce', () => {
  const account = accountKinds.social('lost');
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [3n * RNT]));
  const announced = ok(
    announceRecovery(
      account,
      account.terms as SocialTerms,
      target,
      guardians,
      recoveryContext(world, account).record,
      RATE,
      paymentContext(world),
    ),
  );
  const alone = finaliseRntp(signedBy(signedBy(announced.rntp, account.fingerprint), guardians[0]!.fingerprint));
  assert.ok(!alone.ok && alone.code === 'missing-signatures');
  assert.equal(alone.facts.missing[0]!.count, 1);
  const terms: SocialTerms = { ...(account.terms as SocialTerms), required: 1, guardians: [namedKey('thief')] };
  const thief = { ...guardians[0]!, publicKey: namedKey('thief') };
  const own = ok(
    announceRecovery(
      account,
      terms,
      target,
      [thief],
      recoveryContext(world, account).record,
      RATE,
      paymentContext(world),
    ),
  );
  world.mine([judged(world, own)]);
  assert.equal(recoveryContext(world, account).record.announcement, null, 'other terms are another policy');
});

test('a guardians’ claim keeps to the fee that the ledger allows', () => {
  const account = accountKinds.social('lost');
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [3n * RNT, 2n * RNT]));
  const context = paymentContext(world);
  const announced = announceRecovery(
    account,
    account.terms as SocialTerms,
    target,
    guardians.slice(0, 2),
    recoveryContext(world, account).record,
    RATE,
    context,
  );
  world.mine([judged(world, ok(announced))]);
  world.advance(6);
  const claim = (perByte: number) =>
    claimAsGuardians(account, guardians.slice(0, 2), {
      ...recoveryContext(world, account),
      rate: feeRatePerByte(perByte),
    });
  judged(world, ok(claim(1000)));
  const held = balanceOf(world.wallet, account, world.params, 0).total;
  const bytes = BigInt(ok(claim(1000)).bytes);
  const perByte = Number(held / 100n / bytes);
  judged(world, ok(claim(perByte)));
  const refused = claim(perByte + 1);
  assert.equal(refused.ok ? null : refused.code, 'fee-above-recovery-limit');
});

test('a recovery that does not fit into one transaction goes on in the next', () => {
  const account = accountKinds.heartbeat('lost');
  const world = new WalletWorld(account);
  world.fund(
    ...world.pay(
      account,
      Array.from({ length: 15 }, () => RNT),
    ),
  );
  world.advance(12 - world.next);
  let taken = 0n;
  for (const left of [5, 0]) {
    const context = recoveryContext(world, account);
    const built = ok(
      claimAsHeir(account, heir.publicKey, [heir], target, {
        ...context,
        params: { ...world.params, maxTransactionBytes: 1850 },
      }),
    );
    assert.equal(built.left, left);
    taken += built.amount + built.fee;
    world.mine([judged(world, built)]);
  }
  assert.equal(taken, 15n * RNT);
});

test('the strategies are not mixed up, and coins that are not worth their fee are nothing to recover', () => {
  const social = accountKinds.social('a');
  const heartbeat = accountKinds.heartbeat('b', 1);
  const world = new WalletWorld(social, heartbeat);
  const code = (result: BuiltRecovery | WalletProblem): string | null => (result.ok ? null : result.code);
  assert.equal(
    code(claimAsHeir(social, heir.publicKey, [heir], target, recoveryContext(world, social))),
    'wrong-policy',
  );
  assert.equal(code(claimAsGuardians(heartbeat, guardians, recoveryContext(world, heartbeat))), 'wrong-policy');
  assert.equal(
    code(claimAsHeir(heartbeat, heir.publicKey, [heir], target, recoveryContext(world, heartbeat))),
    'nothing-to-recover',
  );
  const dust = { amount: 3000n, ...heartbeat.destination('receive', 0)! } as Output;
  world.fund(dust);
  world.advance(12);
  assert.equal(
    code(claimAsHeir(heartbeat, heir.publicKey, [heir], target, recoveryContext(world, heartbeat))),
    'nothing-to-recover',
  );
  assert.equal(
    code(
      claimAsHeir(
        heartbeat,
        heir.publicKey,
        [heir],
        { ...target, policyId: new Uint8Array(24) },
        recoveryContext(world, heartbeat),
      ),
    ),
    'output-not-payable',
  );
});

test('emission return: one block before the deadline the owner can still spend, at it nobody can', () => {
  const account = accountKinds.emissionReturn('a');
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [3n * RNT]));
  world.advance(200 - world.next);
  const payment = plainPayment([{ amount: RNT, ...target } as Output], RATE);
  const last = judged(world, ok(buildPayment(account, payment, paymentContext(world))));
  world.mine();
  assert.equal(world.next, 201);
  assert.equal(world.judge(last), 'tx-returned-input');
  const refused = buildPayment(account, payment, paymentContext(world));
  assert.equal(refused.ok ? null : refused.code, 'insufficient-funds');
});

test('of two coins one block apart the heir takes the first and waits for the second', () => {
  const account = accountKinds.heartbeat('lost');
  const world = new WalletWorld(account);
  world.mine([], { pay: world.pay(account, [3n * RNT]) });
  world.mine([], { pay: world.pay(account, [2n * RNT], 1) });
  world.advance(12 - world.next);
  const built = ok(claimAsHeir(account, heir.publicKey, [heir], target, recoveryContext(world, account)));
  assert.deepEqual([built.rntp.inputs.length, built.later], [1, { amount: 2n * RNT, opens: 13 }]);
  judged(world, built);
});
