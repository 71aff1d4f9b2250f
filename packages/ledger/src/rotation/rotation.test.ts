import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { explain } from '@resonancenet/consensus/explain';
import { dvalId } from '@resonancenet/params/dval';
import { requireGenesis } from '@resonancenet/params/genesis-constants';
import { regtest } from '@resonancenet/params/regtest';
import { proposalHash } from '@resonancenet/primitives/dval-vote';
import { coinKey, decodeCoin } from '../coin.ts';
import type { Rejection } from '@resonancenet/consensus/verdict';
import { refundTxid } from './end-of-block.ts';
import { mayActivate } from './required-dval.ts';
import { allChanges, lockedIn, revealedShard, tallyOf } from './rotation-records.ts';
import { type BlockPlan, propose, REFUND, reveal, RotationWorld, sampleSet } from './testing/rotation-world.ts';

// Regtest: window 16, lockIn 12, delay 32, notice 16, cancel 4, expiry 64; a block 240 s after its parent is stalled.
const { rotation } = regtest;
const constants = requireGenesis(regtest);
const [first, second, third] = constants.dvalIds.map(fromHex) as [Uint8Array, Uint8Array, Uint8Array];
const set = sampleSet(1);
const id = dvalId(set.shard);
const voteFor: BlockPlan = { vote: { kind: 'for', proposal: set.proposal } };
const voteAgainst: BlockPlan = { vote: { kind: 'against', proposal: set.proposal } };
const STALL = 240;

function world(): RotationWorld {
  const made = new RotationWorld();
  made.setLoss(id, made.tip.valLoss);
  for (const reserve of [first, second, third]) made.setLoss(reserve, made.tip.valLoss);
  return made;
}

/** A world whose next block is the activation of `set`. */
function beforeActivation(against = 0): RotationWorld {
  const made = world();
  const activation = made.lockInAndReveal(set);
  made.growTo(activation - 1 - against);
  made.blocks(against, voteAgainst);
  return made;
}

function codeOf(verdict: { readonly ok: boolean; readonly code?: string | null }): string | null {
  return verdict.ok ? 'ok' : (verdict.code ?? null);
}

test('a set is proposed once: the same hash is refused while it is open, locked in, active or gone', () => {
  const made = world();
  const again = (): string | null => codeOf(made.check(propose(set.proposal)));
  made.block({ propose: [set.proposal] });
  assert.equal(again(), 'tx-proposal-repeated');
  made.blocks(12, voteFor);
  assert.equal(made.proposal(set.proposal).status, 'lockedIn');
  assert.equal(again(), 'tx-proposal-repeated');
  made.block({ reveal: [set] });
  made.growTo(made.proposal(set.proposal).activation!);
  assert.equal(made.proposal(set.proposal).status, 'active');
  assert.equal(again(), 'tx-proposal-repeated');
  const other = sampleSet(2);
  made.block({ propose: [other.proposal] });
  made.blocks(64);
  assert.equal(made.proposal(other.proposal).status, 'expired');
  const refused = made.check(propose(other.proposal));
  assert.equal(codeOf(refused), 'tx-proposal-repeated');
  assert.match(explain(refused as Rejection), /was proposed at height 46/);
});

test('a refund that cannot be paid is refused', () => {
  const made = world();
  const refund = { ...REFUND, policyId: new Uint8Array(24) };
  assert.equal(codeOf(made.check(propose(set.proposal, refund))), 'tx-action-destination');
  assert.equal(codeOf(made.check(propose(set.proposal))), 'ok');
});

test('12 of the last 16 headers lock a proposal in, 11 do not', () => {
  const made = world();
  made.block({ propose: [set.proposal] });
  made.blocks(11, voteFor);
  assert.equal(made.proposal(set.proposal).status, 'open');
  made.block(voteFor);
  const record = made.proposal(set.proposal);
  assert.deepEqual([record.status, record.lockedInAt, record.activation], ['lockedIn', 13, 13 + rotation.delay]);
});

test('a proposal’s own header may vote for it; a vote before counts for nothing, then or later', () => {
  const early = world();
  early.blocks(5, voteFor);
  early.block({ ...voteFor, propose: [set.proposal] });
  assert.deepEqual(tallyOf(early.view, set.proposal), { votesFor: 1, votesAgainst: 0 });
  early.blocks(10, voteFor);
  assert.equal(early.proposal(set.proposal).status, 'open');
  early.block(voteFor);
  assert.equal(early.proposal(set.proposal).lockedInAt, 17);
});

test('the window is the last 16 headers: 12 votes spread over 16 lock in, over 17 they do not', () => {
  for (const [gap, status] of [
    [4, 'lockedIn'],
    [5, 'open'],
  ] as const) {
    const made = world();
    made.block({ propose: [set.proposal] });
    made.blocks(6, voteFor);
    made.blocks(gap);
    made.blocks(6, voteFor);
    assert.equal(made.proposal(set.proposal).status, status, `${gap} headers without a vote`);
  }
});

test('a proposal expires 64 blocks after it was made, whatever that block votes; the block before can still lock it in', () => {
  for (const [start, status] of [
    [53, 'lockedIn'],
    [54, 'expired'],
  ] as const) {
    const made = world();
    made.block({ propose: [set.proposal] });
    made.growTo(start - 1);
    made.blocks(12, voteFor);
    assert.equal(made.height, start + 11);
    assert.equal(made.proposal(set.proposal).status, status, `votes from height ${start} on`);
    if (status === 'expired') {
      assert.equal(made.proposal(set.proposal).resolvedAt, 65);
      assert.deepEqual(made.money, [0n, rotation.bond, 0n]);
    }
  }
});

test('one proposal is locked in at a time; another keeps its votes and follows when the place is free', () => {
  const made = world();
  const other = sampleSet(2);
  const forOther: BlockPlan = { vote: { kind: 'for', proposal: other.proposal } };
  made.block({ propose: [set.proposal, other.proposal] });
  made.blocks(12, voteFor);
  made.block(forOther);
  made.growTo(made.proposal(set.proposal).activation! - rotation.notice - 1, forOther);
  assert.deepEqual(lockedIn(made.view), set.proposal);
  assert.equal(tallyOf(made.view, other.proposal).votesFor, 15);
  assert.equal(made.proposal(other.proposal).status, 'open');
  // Not revealed: the first fails with this block, the other takes its place in it.
  made.block(forOther);
  assert.equal(made.proposal(set.proposal).status, 'failed');
  assert.equal(made.proposal(other.proposal).status, 'lockedIn');
  assert.equal(made.proposal(other.proposal).lockedInAt, made.height);
  assert.deepEqual(made.money, [rotation.bond, rotation.bond, 0n]);
});

test('a proposal that waits with votes enough is not forgotten for a vote that another one gets', () => {
  const made = world();
  const other = sampleSet(2);
  made.block({ propose: [set.proposal, other.proposal] });
  made.blocks(12, voteFor);
  const last = made.proposal(set.proposal).activation! - rotation.notice;
  made.growTo(last - 15);
  made.blocks(12, { vote: { kind: 'for', proposal: other.proposal } });
  made.blocks(2, voteFor);
  made.block();
  assert.equal(made.height, last);
  assert.equal(made.proposal(other.proposal).lockedInAt, last);
});

test('a proposal that lost its votes before the place was free is not locked in', () => {
  const made = world();
  const other = sampleSet(2);
  made.block({ propose: [set.proposal, other.proposal] });
  made.blocks(12, voteFor);
  made.blocks(11, { vote: { kind: 'for', proposal: other.proposal } });
  made.growTo(made.proposal(set.proposal).activation! - rotation.notice);
  assert.equal(made.proposal(set.proposal).status, 'failed');
  assert.equal(made.proposal(other.proposal).status, 'open');
});

test('the last height for a reveal is activation - notice; one block later it is too late and the proposal has failed', () => {
  const made = world();
  made.block({ propose: [set.proposal] });
  made.blocks(12, voteFor);
  const latest = made.proposal(set.proposal).activation! - rotation.notice;
  made.growTo(latest - 1);
  assert.equal(codeOf(made.check(reveal(set), latest)), 'ok');
  const late = made.check(reveal(set), latest + 1);
  assert.equal(codeOf(late), 'tx-reveal-late');
  assert.deepEqual(late.ok ? null : late.facts, late.ok || { ...late.facts, height: latest + 1, latest });
  const onTime = world();
  onTime.block({ propose: [set.proposal] });
  onTime.blocks(12, voteFor);
  onTime.growTo(latest - 1);
  onTime.block({ reveal: [set] });
  assert.equal(onTime.proposal(set.proposal).revealedAt, latest);
  assert.deepEqual(revealedShard(onTime.view, id), set.shard);
  made.block();
  assert.equal(made.proposal(set.proposal).status, 'failed');
  assert.equal(codeOf(made.check(reveal(set))), 'tx-reveal-not-locked-in');
  assert.equal(revealedShard(made.view, id), null);
});

test('a reveal with another salt, of an open proposal, a second one and one that is no D_val are refused', () => {
  const made = world();
  assert.equal(codeOf(made.check(reveal(set))), 'tx-reveal-not-locked-in');
  made.block({ propose: [set.proposal] });
  assert.equal(codeOf(made.check(reveal(set))), 'tx-reveal-not-locked-in');
  made.blocks(12, voteFor);
  assert.equal(codeOf(made.check(reveal({ ...set, salt: set.salt.with(31, 0) }))), 'tx-reveal-not-locked-in');
  assert.equal(
    codeOf(made.check(reveal({ ...set, shard: set.shard.with(0, set.shard[0]! ^ 1) }))),
    'tx-reveal-not-locked-in',
  );
  assert.equal(codeOf(made.check(reveal({ ...set, shard: set.shard.subarray(1) }))), 'tx-reveal-shard');
  assert.equal(codeOf(made.check(reveal({ ...set, shard: Uint8Array.of(...set.shard, 0) }))), 'tx-reveal-shard');
  // Regtest has the ids 0 to 255.
  assert.equal(codeOf(made.check(reveal({ ...set, shard: set.shard.with(1, 1) }))), 'tx-reveal-shard');
  assert.equal(codeOf(made.check(reveal(set))), 'ok');
  made.block({ reveal: [set] });
  assert.equal(codeOf(made.check(reveal(set))), 'tx-reveal-repeated');
});

test('the set comes into force at exactly its activation, and its bond comes back as a new output', () => {
  const made = beforeActivation();
  assert.deepEqual(made.tip.dvalId, first);
  const { activation } = made.proposal(set.proposal);
  // One block earlier the claim of the new set was refused.
  const before = beforeActivation();
  before.undo();
  assert.equal(codeOf(before.judge({ dvalId: id }).verdict), 'header-dval');
  const { header, resolution } = made.block();
  assert.equal(header.height, activation);
  assert.deepEqual(header.dvalId, id);
  assert.equal(resolution?.outcome, 'active');
  assert.deepEqual(made.money, [0n, 0n, rotation.bond]);
  const coin = made.view.get('coins', coinKey(refundTxid(set.proposal), 0));
  const { amount, lockId, policyId, height, coinbase } = decodeCoin(coin!);
  assert.deepEqual(
    { amount, lockId, policyId, height, coinbase },
    { amount: rotation.bond, ...REFUND, height: activation, coinbase: false },
  );
  // From now on it is the set in force.
  made.blocks(3);
  assert.deepEqual(made.tip.dvalId, id);
  assert.equal(codeOf(made.judge({ dvalId: first }).verdict), 'header-dval');
});

test('4 of the last 16 headers against it cancel it, 3 do not', () => {
  const three = beforeActivation(3);
  assert.equal(three.block().resolution?.outcome, 'active');
  const four = beforeActivation(4);
  assert.equal(codeOf(four.judge({ dvalId: id }).verdict), 'header-dval');
  assert.equal(four.block().resolution?.outcome, 'cancelled');
  assert.deepEqual(four.tip.dvalId, first);
  assert.deepEqual(four.money, [0n, rotation.bond, 0n]);
  assert.equal(four.proposal(set.proposal).status, 'cancelled');
});

test('votes against count from 16 blocks before the activation on, not earlier', () => {
  for (const [distance, outcome] of [
    [16, 'cancelled'],
    [17, 'active'],
  ] as const) {
    const made = world();
    const activation = made.lockInAndReveal(set);
    made.growTo(activation - distance - 1);
    made.blocks(4, voteAgainst);
    made.growTo(activation - 1);
    assert.equal(made.block().resolution?.outcome, outcome, `from ${distance} blocks before on`);
  }
});

test('a loss of exactly half and exactly twice the parent’s activates, a micro-nat beyond is void', () => {
  for (const [loss, outcome] of [
    [(v: number) => Math.ceil(v / 2), 'active'],
    [(v: number) => Math.ceil(v / 2) - 1, 'void'],
    [(v: number) => 2 * v, 'active'],
    [(v: number) => 2 * v + 1, 'void'],
    [() => Number.POSITIVE_INFINITY, 'void'],
  ] as const) {
    const made = beforeActivation();
    const { valLoss } = made.tip;
    made.setLoss(id, loss(valLoss));
    const decided = made.decide();
    assert.equal(decided.ok ? decided.decision.resolution?.outcome : null, outcome);
    const other = outcome === 'active' ? first : id;
    const claim = made.judge({ dvalId: other, parentLoss: other === id ? loss(valLoss) : valLoss });
    assert.equal(codeOf(claim.verdict), other === id ? 'header-dval-bounds' : 'header-dval');
    made.block();
    assert.deepEqual(made.tip.dvalId, outcome === 'active' ? id : first);
    assert.deepEqual(made.money, outcome === 'void' ? [0n, rotation.bond, 0n] : [0n, 0n, rotation.bond]);
    assert.equal(made.proposal(set.proposal).status, outcome);
  }
});

test('a block that keeps the old set at activation needs the parent’s loss on the new one; one that takes the new set does not', () => {
  const made = new RotationWorld();
  const activation = made.lockInAndReveal(set);
  made.growTo(activation - 1);
  const { checkpointRoot } = made.tip;
  assert.deepEqual(made.judge({ dvalId: first }).verdict, {
    ok: false,
    code: null,
    needs: { checkpointRoot, dvalId: id },
  });
  assert.deepEqual(made.decide(), { ok: false, code: null, needs: { checkpointRoot, dvalId: id } });
  assert.equal(codeOf(made.judge({ dvalId: id }).verdict), 'ok');
  // A cancelled one needs no loss.
  const cancelled = new RotationWorld();
  cancelled.growTo(cancelled.lockInAndReveal(set) - 5);
  cancelled.blocks(4, voteAgainst);
  assert.equal(codeOf(cancelled.judge({ dvalId: first }).verdict), 'ok');
});

test('a set that is already in force is void: nothing would change', () => {
  const made = beforeActivation();
  made.block();
  const salt = new Uint8Array(32).fill(0x77);
  const activation = made.lockInAndReveal({
    salt,
    shard: set.shard,
    proposal: proposalHash(salt, set.shard),
  });
  made.growTo(activation - 1);
  assert.deepEqual(made.tip.dvalId, id);
  assert.equal(made.block().resolution?.outcome, 'void');
  assert.deepEqual(made.tip.dvalId, id);
});

test('after a stall the next reserve, cyclically; a second before the set stays', () => {
  const made = world();
  made.block();
  made.block({ seconds: STALL - 1 });
  assert.deepEqual(made.tip.dvalId, first);
  assert.equal(codeOf(made.judge({ seconds: STALL, dvalId: first }).verdict), 'header-dval');
  const { dvalIds } = constants;
  for (let i = 1; i <= dvalIds.length + 1; i += 1) {
    made.block({ seconds: STALL });
    assert.equal(toHex(made.tip.dvalId), dvalIds[i % dvalIds.length]);
    made.block();
  }
  assert.equal(codeOf(made.judge({ dvalId: first }).verdict), 'header-dval');
});

test('after a stall a locked-in revealed set comes into force before its height, the reserve only if there is none', () => {
  const made = world();
  made.block({ propose: [set.proposal] });
  made.blocks(12, voteFor);
  // Locked in, but not revealed: the reserve.
  made.block({ seconds: STALL });
  assert.deepEqual(made.tip.dvalId, second);
  made.block({ reveal: [set] });
  assert.equal(codeOf(made.judge({ seconds: STALL, dvalId: third }).verdict), 'header-dval');
  const { resolution } = made.block({ seconds: STALL });
  assert.equal(resolution?.outcome, 'active');
  assert.deepEqual(made.tip.dvalId, id);
  assert.deepEqual(made.money, [0n, 0n, rotation.bond]);
  assert.equal(lockedIn(made.view), null);
  assert.ok(made.height < made.proposal(set.proposal).activation!);
  // On a proposed set a stall leads to the reserve after the last one that was in force.
  made.block();
  made.block({ seconds: STALL });
  assert.deepEqual(made.tip.dvalId, third);
  // At its planned height nothing happens any more.
  made.growTo(made.proposal(set.proposal).activation! + 1);
  assert.deepEqual(made.tip.dvalId, third);
});

test('the block that reveals a set is not one that uses it, also after a stall', () => {
  const made = world();
  made.block({ propose: [set.proposal] });
  made.blocks(12, voteFor);
  made.block({ seconds: STALL, reveal: [set] });
  assert.deepEqual(made.tip.dvalId, second);
  assert.equal(made.proposal(set.proposal).status, 'lockedIn');
});

test('after a stall a set that is cancelled or void gives way to the reserve', () => {
  for (const outcome of ['cancelled', 'void'] as const) {
    const made = world();
    made.lockInAndReveal(set);
    if (outcome === 'cancelled') made.blocks(4, voteAgainst);
    else made.setLoss(id, 2 * made.tip.valLoss + 1);
    const { resolution } = made.block({ seconds: STALL });
    assert.equal(resolution?.outcome, outcome);
    assert.deepEqual(made.tip.dvalId, second);
    assert.deepEqual(made.money, [0n, rotation.bond, 0n]);
  }
});

test('a stall on a proposed set that has the bytes of the next reserve takes the one after', () => {
  const params = {
    ...regtest,
    genesis: {
      ...regtest.genesis,
      constants: { ...constants, dvalIds: [toHex(first), toHex(id), toHex(third)] },
    },
  };
  const made = new RotationWorld(params);
  for (const dval of [first, id, third]) made.setLoss(dval, made.tip.valLoss);
  made.growTo(made.lockInAndReveal(set));
  assert.deepEqual(made.tip.dvalId, id);
  made.block({ seconds: STALL });
  assert.deepEqual(made.tip.dvalId, third);
});

test('block 1 is never stalled', () => {
  const made = world();
  made.block({ seconds: 100 * STALL });
  assert.deepEqual(made.tip.dvalId, first);
});

test('every change of the set is recorded with the parent’s losses on both', () => {
  const made = beforeActivation();
  const { valLoss } = made.tip;
  made.setLoss(id, valLoss + 12_345);
  made.block();
  made.block({ seconds: STALL });
  assert.deepEqual(
    [...allChanges(made.view)],
    [
      {
        height: made.height - 1,
        change: { byProposal: true, from: first, to: id, oldLoss: valLoss, newLoss: valLoss + 12_345 },
      },
      {
        height: made.height,
        change: { byProposal: false, from: id, to: second, oldLoss: valLoss + 12_345, newLoss: valLoss },
      },
    ],
  );
});

test('a header may claim a proposed set at its activation or when it is stalled, from the block after the reveal to the one that decides', () => {
  const made = world();
  const activation = made.lockInAndReveal(set);
  const revealed = made.height;
  const may = (height: number, stalled: boolean, dval = id): boolean => mayActivate(made.view, dval, height, stalled);
  assert.equal(may(activation, false), true);
  assert.equal(may(activation, false, second), false);
  assert.equal(may(activation - 1, false), false);
  assert.equal(may(activation + 1, false), false);
  assert.equal(may(revealed + 1, true), true);
  assert.equal(may(revealed, true), false);
  made.growTo(activation);
  // A sibling of the block that brought it into force.
  assert.equal(may(activation, false), true);
  assert.equal(may(activation - 1, true), true);
  assert.equal(may(activation + 1, true), false);
  assert.equal(may(activation + 1, false), false);
});
