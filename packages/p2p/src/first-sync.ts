// Whom a new node follows (P2P-31, CON-32). Weights are public, so a rewritten history costs little: what counts is what most of several
// peers from different parts of the network hold. With a quorum of one the first peer is followed; small networks have that.

import { toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { GetHeadersMessage } from './messages/headers.ts';
import { NO_ID } from './messages/ids.ts';

export interface Quorum {
  /** Outbound peers of different groups that are asked. */
  readonly outbound: number;
  /** How many of them must hold the same final block. */
  readonly agree: number;
}

export const singleQuorum: Quorum = { outbound: 1, agree: 1 };

/** A question that is not answered by then counts as "no". */
const ANSWER_MS = 20_000;

/** Without agreement the operator is told after this, and everything is asked anew. */
const RETRY_MS = 60_000;

/** Numbers of questions, apart from those of header-sync.ts. */
const FIRST_REQUEST: number = 2 ** 31;

export interface FinalBlock {
  readonly height: number;
  readonly id: Hex32;
}

export interface FirstSyncDecision {
  readonly anchor: FinalBlock;
  /** Peers that hold it. */
  readonly holders: readonly string[];
}

export interface FirstSyncQuestion {
  readonly peer: string;
  readonly message: GetHeadersMessage;
}

interface Voter {
  readonly group: string;
  readonly final: FinalBlock;
  readonly holds: Map<Hex32, boolean>;
  question: { readonly request: number; readonly id: Hex32; readonly sentMs: number } | null;
}

export class FirstSync {
  readonly #quorum: Quorum;
  readonly #voters = new Map<string, Voter>();
  readonly #startedMs: number;
  #requests = FIRST_REQUEST;
  #retryMs: number;
  #decision: FirstSyncDecision | null = null;

  constructor(quorum: Quorum, nowMs: number) {
    this.#quorum = quorum;
    this.#startedMs = nowMs;
    this.#retryMs = nowMs + RETRY_MS;
  }

  /** What is followed; null while it is open. */
  get decision(): FirstSyncDecision | null {
    return this.#decision;
  }

  /** A ready outbound peer and the final block that it told. */
  addPeer(peer: string, group: string, final: FinalBlock): void {
    this.#voters.set(peer, { group, final, holds: new Map([[final.id, true]]), question: null });
  }

  removePeer(peer: string): void {
    this.#voters.delete(peer);
  }

  /** Takes an answer; false if the question was not asked here. */
  answer(peer: string, request: number, headers: readonly BlockHeader[]): boolean {
    const voter = this.#voters.get(peer);
    if (voter?.question?.request !== request) return false;
    const [first] = headers;
    // Whoever does not have the block on its chain answers from block 0 on.
    voter.holds.set(voter.question.id, first !== undefined && toHex(first.prevHash) === voter.question.id);
    voter.question = null;
    return true;
  }

  /** Questions to send now; decides when the answers are there. */
  next(nowMs: number): FirstSyncQuestion[] {
    if (this.#decision !== null) return [];
    if (nowMs >= this.#retryMs) this.#forget(nowMs);
    const counted = this.#counted();
    if (counted.length < this.#quorum.outbound) return [];
    for (const candidate of this.#candidates(counted)) {
      const open = counted.filter(([, voter]) => !voter.holds.has(candidate.id));
      if (open.length > 0) return this.#ask(open, candidate, nowMs);
      const holders = counted.filter(([, voter]) => voter.holds.get(candidate.id) === true).map(([peer]) => peer);
      if (holders.length < this.#quorum.agree) continue;
      this.#decision = { anchor: candidate, holders };
      return [];
    }
    return [];
  }

  /** When time alone changes something. */
  nextMs(): number | null {
    if (this.#decision !== null) return null;
    let earliest = this.#retryMs;
    for (const { question } of this.#voters.values())
      if (question !== null) earliest = Math.min(earliest, question.sentMs + ANSWER_MS);
    return earliest;
  }

  /** What keeps it open, for the operator; null while there is nothing to worry about. */
  problem(nowMs: number): string | null {
    if (this.#decision !== null || nowMs - this.#startedMs < RETRY_MS) return null;
    const { outbound, agree } = this.#quorum;
    const counted = this.#counted().length;
    if (counted < outbound)
      return `the first synchronisation needs ${outbound} outbound peers of different network groups, ${counted} are connected; give more addresses, or another quorum if you trust these`;
    return `fewer than ${agree} of ${outbound} outbound peers hold the same final block: the network is divided, or somebody lies; find out which chain is the right one and connect to peers that you trust`;
  }

  /** One voter per group, the first ones. */
  #counted(): (readonly [string, Voter])[] {
    const groups = new Set<string>();
    const counted: (readonly [string, Voter])[] = [];
    for (const [peer, voter] of this.#voters) {
      if (groups.has(voter.group) || counted.length === this.#quorum.outbound) continue;
      groups.add(voter.group);
      counted.push([peer, voter]);
    }
    return counted;
  }

  /** Final blocks to ask about: where all are honest, as many as must agree hold the first. Lower ones follow. */
  #candidates(counted: readonly (readonly [string, Voter])[]): FinalBlock[] {
    const finals = counted.map(([, { final }]) => final).sort((a, b) => b.height - a.height);
    const from = finals.slice(this.#quorum.agree - 1);
    return [...new Map([...from, ...finals].map((final) => [final.id, final])).values()];
  }

  #ask(open: readonly (readonly [string, Voter])[], { id }: FinalBlock, nowMs: number): FirstSyncQuestion[] {
    const questions: FirstSyncQuestion[] = [];
    for (const [peer, voter] of open) {
      if (voter.question !== null && nowMs - voter.question.sentMs < ANSWER_MS) continue;
      if (voter.question !== null) {
        voter.holds.set(voter.question.id, false);
        voter.question = null;
        if (voter.holds.has(id)) continue;
      }
      this.#requests += 1;
      voter.question = { request: this.#requests, id, sentMs: nowMs };
      questions.push({ peer, message: { request: this.#requests, locator: [id], stop: NO_ID } });
    }
    return questions;
  }

  #forget(nowMs: number): void {
    this.#retryMs = nowMs + RETRY_MS;
    for (const voter of this.#voters.values()) {
      voter.holds.clear();
      voter.holds.set(voter.final.id, true);
      voter.question = null;
    }
  }
}
