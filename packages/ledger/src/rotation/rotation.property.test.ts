import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { seededRandom } from '@resonancenet/consensus/testing/sample-chain';
import { dvalId } from '@resonancenet/params/dval';
import { requireGenesis } from '@resonancenet/params/genesis-constants';
import { regtest } from '@resonancenet/params/regtest';
import type { NetworkParams, RotationParams } from '@resonancenet/params/network-params';
import type { DvalVote } from '@resonancenet/primitives/dval-vote';
import { allProposals, lockedIn, type ProposalStatus, tallyOf } from './rotation-records.ts';
import { type BlockPlan, RotationWorld, sampleSet } from './testing/rotation-world.ts';

const { bond } = regtest.rotation;

/** Regtest, where both windows are equal, and two networks where one is longer. */
const networks: readonly NetworkParams[] = [
  regtest,
  { ...regtest, rotation: { ...regtest.rotation, window: 20, lockIn: 13, notice: 9 } },
  { ...regtest, rotation: { ...regtest.rotation, window: 10, lockIn: 8, notice: 18, cancel: 5, delay: 40 } },
];

interface Known {
  status: ProposalStatus;
  readonly proposedAt: number;
  activation: number;
  revealed: boolean;
}

/** LED-26 and LED-27 word for word: every count is made anew from the votes of all headers. */
class Recount {
  readonly rotation: RotationParams;
  readonly proposals = new Map<string, Known>();
  /** Votes by height that counted when they came. */
  readonly #votes = new Map<number, DvalVote>();
  pool = 0n;
  refunded = 0n;

  constructor(rotation: RotationParams) {
    this.rotation = rotation;
  }

  votes(kind: 'for' | 'against', proposal: string, last: number, length: number): number {
    let count = 0;
    for (let height = last - length + 1; height <= last; height += 1) {
      const vote = this.#votes.get(height);
      if (vote?.kind === kind && toHex(vote.proposal) === proposal) count += 1;
    }
    return count;
  }

  get locked(): [string, Known] | undefined {
    return [...this.proposals].find(([, { status }]) => status === 'lockedIn');
  }

  /** Draws the consequences of a block; `lossFits` is the void test. */
  connect(height: number, plan: BlockPlan, stalled: boolean, lossFits: boolean): void {
    const { window, lockIn, delay, notice, cancel, expiry } = this.rotation;
    const due = this.locked;
    const isDue = due?.[1].revealed === true && (stalled || due[1].activation === height);
    const isCancelled = isDue && this.votes('against', due[0], height - 1, notice) >= cancel;
    for (const proposal of plan.propose ?? [])
      this.proposals.set(toHex(proposal), { status: 'open', proposedAt: height, activation: 0, revealed: false });
    if (plan.reveal?.[0] !== undefined) due![1].revealed = true;
    if (isDue) this.#settle(due[1], isCancelled ? 'cancelled' : lossFits ? 'active' : 'void');
    const locked = this.locked;
    if (locked !== undefined && !locked[1].revealed && locked[1].activation - notice === height)
      this.#settle(locked[1], 'failed');
    for (const known of this.proposals.values())
      if (known.status === 'open' && known.proposedAt + expiry === height) this.#settle(known, 'expired');
    const { vote } = plan;
    if (vote !== undefined && vote.kind !== 'none') {
      const status = this.proposals.get(toHex(vote.proposal))?.status;
      if (status === 'open' || status === 'lockedIn') this.#votes.set(height, vote);
    }
    if (this.locked !== undefined) return;
    for (const [proposal, known] of this.proposals) {
      if (known.status !== 'open' || this.votes('for', proposal, height, window) < lockIn) continue;
      known.status = 'lockedIn';
      known.activation = height + delay;
    }
  }

  #settle(known: Known, status: ProposalStatus): void {
    known.status = status;
    if (status === 'active') this.refunded += bond;
    else this.pool += bond;
  }
}

const sets = Array.from({ length: 40 }, (_, seed) => sampleSet(seed + 1));
const ids = sets.map(({ shard }) => dvalId(shard));

/** A history in which proposals come, gather votes, are revealed or not, are voted down, and time stands still now and then. */
function randomPlan(height: number, recount: Recount, random: () => number, mood: { favourite: number }): BlockPlan {
  const known = sets.filter(({ proposal }) => recount.proposals.has(toHex(proposal)));
  const pending = known.filter(({ proposal }) =>
    ['open', 'lockedIn'].includes(recount.proposals.get(toHex(proposal))!.status),
  );
  if (random() < 0.06) mood.favourite = Math.floor(random() * 3);
  const locked = recount.locked;
  const revealing = pending.find(({ proposal }) => toHex(proposal) === locked?.[0] && !locked[1].revealed);
  const canReveal = locked !== undefined && height <= locked[1].activation - recount.rotation.notice;
  // Now and then a vote for what is not proposed yet or is gone already.
  const favourite = pending.at(mood.favourite) ?? sets[Math.floor(random() * sets.length)]!;
  const isUnderFire = locked?.[1].revealed === true && random() < 0.3;
  const proposal = isUnderFire ? fromHex(locked[0]) : favourite.proposal;
  const roll = random();
  return {
    ...(random() < 0.08 && pending.length < 4 ? { propose: [sets[known.length]!.proposal] } : {}),
    ...(revealing !== undefined && canReveal && random() < 0.15 ? { reveal: [revealing] } : {}),
    vote: roll < 0.08 ? { kind: 'none' } : { kind: isUnderFire || roll < 0.12 ? 'against' : 'for', proposal },
    seconds: random() < 0.02 ? 240 : 1,
  };
}

test('the sliding window is what a recount of all headers gives, on random histories; bonds are conserved; undoing is exact', () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 9; seed += 1) {
    const random = seededRandom(seed);
    const params = networks[seed % networks.length]!;
    const world = new RotationWorld(params);
    const recount = new Recount(params.rotation);
    const mood = { favourite: 0 };
    const dumps: string[] = [];
    const { valLoss } = world.tip;
    for (const dval of requireGenesis(regtest).dvalIds) world.setLoss(fromHex(dval), valLoss);
    for (let height = 1; height <= 300; height += 1) {
      const fits = random() < 0.7;
      for (const id of ids) world.setLoss(id, fits ? valLoss : 3 * valLoss);
      const plan = randomPlan(height, recount, random, mood);
      dumps.push(world.view.dump());
      world.block(plan);
      recount.connect(height, plan, height > 1 && plan.seconds === 240, fits);
      compare(world, recount);
      for (const { record } of allProposals(world.view)) seen.add(record.status);
    }
    for (let height = 300; height > 0; height -= 1) {
      world.undo();
      assert.ok(world.view.dump() === dumps[height - 1], `seed ${seed}, height ${height} is not undone`);
    }
    assert.equal(world.view.dump(), '');
  }
  const all = ['open', 'lockedIn', 'active', 'expired', 'failed', 'cancelled', 'void'];
  assert.deepEqual(
    all.filter((status) => !seen.has(status)),
    [],
    'the histories reach every status',
  );
});

function compare(world: RotationWorld, recount: Recount): void {
  const { height } = world;
  const { window, notice } = recount.rotation;
  const locked = lockedIn(world.view);
  assert.equal(locked === null ? undefined : toHex(locked), recount.locked?.[0], `locked in at ${height}`);
  let pending = 0n;
  for (const { proposal, record } of allProposals(world.view)) {
    const hex = toHex(proposal);
    assert.equal(record.status, recount.proposals.get(hex)?.status, `status of ${hex} at ${height}`);
    assert.deepEqual(
      tallyOf(world.view, proposal),
      {
        votesFor: recount.votes('for', hex, height, window),
        votesAgainst: recount.votes('against', hex, height, notice),
      },
      `votes for ${hex} at ${height}`,
    );
    if (record.status === 'open' || record.status === 'lockedIn') pending += bond;
  }
  assert.deepEqual(world.money, [pending, recount.pool, recount.refunded], `bonds at ${height}`);
}

test('the work of a block does not grow with the window or with the number of proposals', () => {
  const changes = (extra: number): number => {
    const world = new RotationWorld();
    const set = sampleSet(1);
    world.block({
      propose: [set.proposal, ...Array.from({ length: extra }, (_, i) => new Uint8Array(32).fill(i + 1))],
    });
    world.blocks(8, { vote: { kind: 'for', proposal: set.proposal } });
    const before = world.view.reads;
    world.block({ vote: { kind: 'for', proposal: set.proposal } });
    return world.view.reads - before;
  };
  assert.ok(changes(0) < 40, `${changes(0)} reads`);
  assert.equal(changes(200), changes(0));
});

test('nothing is left of votes when they have left both windows', () => {
  for (const params of networks) {
    const world = new RotationWorld(params);
    const set = sampleSet(1);
    const { window, notice } = params.rotation;
    world.block({ propose: [set.proposal] });
    const before = [...world.view.entries()].length;
    world.block({ vote: { kind: 'for', proposal: set.proposal } });
    world.block({ vote: { kind: 'against', proposal: set.proposal } });
    assert.equal([...world.view.entries()].length, before + 3);
    world.blocks(Math.max(window, notice) - 1);
    assert.equal([...world.view.entries()].length, before + 1 + (notice >= window ? 1 : 0));
    world.block();
    assert.equal([...world.view.entries()].length, before);
  }
});
