import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import type { AccountPolicy } from '@resonancenet/keys/account-policy';
import { feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import { mainnet } from '@resonancenet/params/mainnet';
import { regtest } from '@resonancenet/params/regtest';
import { keyLockId } from '@resonancenet/primitives/lock';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import type { Output, Transaction } from '@resonancenet/primitives/transaction';
import { balanceOf } from './balance.ts';
import { buildPayment } from './build-payment.ts';
import { plainPayment } from './payment-wish.ts';
import { AccountSearch, accountTracesCodec, heartbeatTermsOf, type RestoredAccount } from './restore-accounts.ts';
import { signAll } from './testing/sign-rntp.ts';
import {
  accountKinds,
  heartbeatPolicy,
  namedKey,
  returnPolicy,
  socialPolicy,
  testWindow,
  WalletWorld,
} from './testing/test-wallet.ts';
import { WalletAccount } from './wallet-account.ts';

const RNT = 10_000_000_000n;
const RATE = feeRatePerByte(20);
const target = accountKinds.social('stranger', 9).destination('receive', 0)!;

/** What the words alone give. */
const candidateOf = (account: number) => {
  const { fingerprint, receive, change, terms } = testWindow('lost', account, returnPolicy);
  return { fingerprint, account, livenessKey: terms.livenessKey, receive, change };
};

/** A chain on which the account received and, if so wished, spent, with or without a heartbeat. */
function lived(policy: AccountPolicy, spends: boolean, heartbeat = true) {
  const account = WalletAccount.ofWindow(testWindow('lost', 0, policy));
  const world = new WalletWorld(account);
  const blocks: Transaction[][] = [];
  const coinbase = world.chain.mine([], { pay: world.pay(account, [3n * RNT, 2n * RNT]) });
  world.scan([coinbase]);
  blocks.push([coinbase]);
  world.advance(5);
  if (spends) {
    const context = {
      view: world.wallet,
      params: world.params,
      genesisId: world.genesisId,
      relayRate: RATE,
      usualRate: RATE,
      random: () => 0,
    };
    const built = buildPayment(
      account,
      { ...plainPayment([{ amount: RNT, ...target } as Output], RATE), heartbeat },
      context,
    );
    assert.ok(built.ok);
    const payment = signAll(built.rntp);
    assert.equal(world.judge(payment), 'valid');
    world.mine([payment]);
    blocks.push([payment]);
  }
  return { account, world, blocks };
}

function search(blocks: readonly (readonly Transaction[])[], again = false): RestoredAccount {
  const found = new AccountSearch([candidateOf(1), candidateOf(0)], regtest.recovery);
  for (const block of blocks) for (const transaction of block) found.read(transaction);
  if (again)
    for (const block of blocks) for (const { outputs } of block) for (const output of outputs) found.readAgain(output);
  while (found.tryNumbers(7));
  const [other, own] = found.results();
  assert.equal(other!.kind, 'nothing');
  return own!;
}

test('WAL-80: emission return comes back from words alone, also if it only received', () => {
  for (const spends of [false, true]) {
    const { account, world, blocks } = lived(returnPolicy, spends);
    const restored = search(blocks);
    assert.ok(restored.kind === 'found');
    assert.deepEqual(restored.window.terms, account.terms);
    const again = WalletAccount.ofWindow(restored.window);
    const fresh = new WalletWorld(again);
    for (const [height, transactions] of blocks.entries()) {
      for (fresh.chain.advance(1); fresh.chain.height < height; ) fresh.chain.advance(1);
      fresh.scan(transactions);
    }
    const total = (view: WalletWorld, of: WalletAccount): bigint => balanceOf(view.wallet, of, view.params, 0).total;
    assert.equal(total(fresh, again), total(world, account), 'exact to one resonance');
  }
});

test('WAL-81: the first spend shows a social or heartbeat account whole; what only received does not', () => {
  for (const policy of [socialPolicy, heartbeatPolicy]) {
    const { account, blocks } = lived(policy, true);
    const restored = search(blocks);
    assert.ok(restored.kind === 'found');
    assert.deepEqual([restored.window.terms, restored.window.siblingHash], [account.terms, account.siblingHash]);
    assert.deepEqual(search([...blocks].reverse()), restored, 'in any order');
    assert.equal(search(lived(policy, false).blocks).kind, 'nothing');
  }
});

test('WAL-82: without a heartbeat a heartbeat policy is found by a second reading, a social one is not', () => {
  const { account, blocks } = lived(heartbeatPolicy, true, false);
  assert.equal(search(blocks).kind, 'needs-policy');
  const restored = search(blocks, true);
  assert.ok(restored.kind === 'found');
  assert.deepEqual([restored.window.terms, restored.window.siblingHash], [account.terms, account.siblingHash]);
  assert.equal(search(lived(socialPolicy, true, false).blocks, true).kind, 'needs-policy');
});

test('a search goes on from what it knew when it was interrupted', () => {
  const { blocks } = lived(heartbeatPolicy, true, false);
  const candidates = [candidateOf(0)];
  const [first, ...others] = blocks;
  let interrupted = new AccountSearch(candidates, regtest.recovery);
  for (const block of [first!, ...others]) {
    for (const transaction of block) interrupted.read(transaction);
    const bytes = encode(accountTracesCodec, interrupted.traces);
    const decoded = decode(accountTracesCodec, bytes);
    assert.ok(decoded.ok);
    interrupted = new AccountSearch(candidates, regtest.recovery, decoded.value);
  }
  for (const block of blocks) for (const { outputs } of block) for (const one of outputs) interrupted.readAgain(one);
  while (interrupted.tryNumbers(100));
  assert.equal(interrupted.results()[0]!.kind, 'found');
});

test('strangers who pay to a known lock under many policies cost a bounded number of trials', () => {
  const { account, blocks } = lived(heartbeatPolicy, true, false);
  const search = new AccountSearch([candidateOf(0)], regtest.recovery);
  for (const block of blocks) for (const transaction of block) search.read(transaction);
  const { lockId } = account.destination('receive', 0)!;
  for (let more = 0; more < 20; more++)
    search.readAgain({ lockId, policyId: accountKinds.heartbeat(`stranger ${more}`, 0, 1).policyId });
  let steps = 0;
  while (search.tryNumbers(Number.MAX_SAFE_INTEGER)) steps++;
  assert.ok(steps < 16, `${steps}`);
});

test('a payment under a policy that a stranger has chosen does not turn an account into another', () => {
  const { account, world, blocks } = lived(heartbeatPolicy, true);
  const terms = { type: 'emissionReturn', blocks: 200, livenessKey: account.terms.livenessKey } as const;
  const bait = {
    amount: RNT,
    lockId: keyLockId(namedKey('lost/0/receive/0')),
    policyId: termsPolicyId(terms),
  } as Output;
  const coinbase = world.chain.mine([], { pay: [bait] });
  const restored = search([[coinbase], ...blocks]);
  assert.ok(restored.kind === 'found');
  assert.equal(restored.window.terms.type, 'heartbeat');
});

test('heartbeat terms are found at both ends of their range, and no others', () => {
  const { recovery } = regtest;
  const livenessKey = namedKey('liveness');
  for (const [interval, timeout] of [
    [10, 1],
    [500, 500],
    [10, 500],
    [500, 1],
  ] as const) {
    const terms = { type: 'heartbeat', interval, timeout, livenessKey } as const;
    assert.deepEqual(heartbeatTermsOf(termsPolicyId(terms), livenessKey, recovery), terms);
    assert.equal(heartbeatTermsOf(termsPolicyId(terms), namedKey('other'), recovery), null);
  }
  assert.equal(heartbeatTermsOf(accountKinds.social('a').policyId, livenessKey, recovery), null);
});

test('on mainnet the numbers of a policy are found within seconds', () => {
  const livenessKey = namedKey('liveness');
  const terms = { type: 'heartbeat', interval: 20_000, timeout: 1_000, livenessKey } as const;
  assert.deepEqual(heartbeatTermsOf(termsPolicyId(terms), livenessKey, mainnet.recovery), terms);
});
