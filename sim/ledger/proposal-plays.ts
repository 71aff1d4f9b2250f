// Validation sets on every way from their proposal to their end (LED-24 to LED-28), and what miners vote about them.

import { toHex } from '@resonancenet/bytes/hex';
import { proposalOf, type ProposalStatus } from '@resonancenet/ledger/rotation/rotation-records';
import { dvalId, dvalTokens, encodeDval } from '@resonancenet/params/dval';
import { type DvalVote, NO_VOTE, proposalHash } from '@resonancenet/primitives/dval-vote';
import type { SeededRandom } from '@resonancenet/p2p/testing/seeded-random';
import { lossOffset } from '../oracle.ts';
import type { Actor, Play } from './actor.ts';

/** What becomes of a proposal in the end. */
export type Fate = Exclude<ProposalStatus, 'open' | 'lockedIn'>;

/** Part of the miners that vote at all. */
const TURNOUT = 0.95;

/** What miners are told to vote. */
export class Ballot {
  readonly #random: SeededRandom;
  #vote: DvalVote = NO_VOTE;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  call(vote: DvalVote): void {
    this.#vote = vote;
  }

  /** Of one block. */
  cast(): DvalVote {
    return this.#random.fraction() < TURNOUT ? this.#vote : NO_VOTE;
  }
}

interface ProposedSet {
  readonly salt: Uint8Array;
  readonly shard: Uint8Array;
  readonly proposal: Uint8Array;
}

/** Proposals that miners vote for, one after the other, in turn with each of these fates. */
export function* campaignPlay(actor: Actor, ballot: Ballot, fates: readonly Exclude<Fate, 'expired'>[]): Play {
  for (let round = 0; ; round += 1) {
    yield* actor.wait(2);
    yield* campaign(actor, ballot, fates[round % fates.length]!);
    ballot.call(NO_VOTE);
  }
}

/** Proposals that nobody votes for. */
export function* neglectedPlay(actor: Actor): Play {
  for (;;) {
    const set = makeSet(actor, false);
    if (yield* propose(actor, set)) yield* actor.until(() => statusOf(actor, set) === 'expired', 100);
    yield* actor.wait(actor.random.integer(20, 60));
  }
}

function* campaign(actor: Actor, ballot: Ballot, fate: Exclude<Fate, 'expired'>): Play {
  const set = makeSet(actor, fate === 'void');
  const { proposal } = set;
  const { delay, expiry } = actor.node.params.rotation;
  if (!(yield* propose(actor, set))) return;
  ballot.call({ kind: 'for', proposal });
  if (!(yield* actor.until(() => statusOf(actor, set) === 'lockedIn', expiry))) return;
  ballot.call(NO_VOTE);
  if (fate !== 'failed') {
    const { salt, shard } = set;
    if (!(yield* actor.actUnsigned({ kind: 'reveal', salt, shard }))) return;
  }
  if (fate === 'cancelled') ballot.call({ kind: 'against', proposal });
  yield* actor.until(() => statusOf(actor, set) === fate, delay + 10);
}

function* propose(actor: Actor, { proposal }: ProposedSet): Play<boolean> {
  return yield* actor.actUnsigned({ kind: 'propose', proposal, refund: actor.own });
}

function statusOf({ node }: Actor, { proposal }: ProposedSet): ProposalStatus | null {
  return proposalOf(node.chain.ledger, proposal)?.status ?? null;
}

/** `hard`: on which losses are out of bounds. */
function makeSet({ node: { params }, random }: Actor, hard: boolean): ProposedSet {
  const salt = random.bytes(32);
  for (;;) {
    const shard = encodeDval(Uint16Array.from(random.bytes(dvalTokens(params))));
    const isHard = lossOffset(toHex(dvalId(shard)), params) === null;
    if (isHard === hard) return { salt, shard, proposal: proposalHash(salt, shard) };
  }
}
