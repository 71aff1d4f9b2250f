// Restoring accounts from words alone (WAL-80 to WAL-82): what a chain shows of the policies behind keys that the signer has derived.
//
// Emission return: the locks are known, and a payment's policy id names the blocks. For the others the locks hang on the second leaf: the account's
// first spend shows its hash, and the heartbeat that wallets add to it shows the terms. What only ever received shows nothing: its policy must be
// known from elsewhere (the line of the recovery kit, a backup).

import { assert } from '@resonancenet/bytes/assert';
import { bool, type Codec, fixedBytes, list, optional, struct } from '@resonancenet/bytes/codec';
import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { accountLockId, hashOfLeaf, socialLeaf } from '@resonancenet/keys/account-policy';
import type { KeyRange, KeyWindow } from '@resonancenet/keys/key-window';
import type { RecoveryParams } from '@resonancenet/params/network-params';
import { ACTION_KIND, policyTermsCodec, decodeAction } from '@resonancenet/primitives/action-content';
import { HASH_LENGTH, LOCK_ID_LENGTH, type LockId, type PolicyId } from '@resonancenet/primitives/ids';
import { POLICY_TYPE, parsePolicyId } from '@resonancenet/primitives/policy';
import { type PolicyTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import type { Input, Output, Transaction } from '@resonancenet/primitives/transaction';
import { decodeLockWitness } from '@resonancenet/primitives/witness';

/** Keys of an account that may have been used: what a signer derives from words. */
export interface AccountCandidate {
  readonly fingerprint: Uint8Array;
  readonly account: number;
  readonly livenessKey: Uint8Array;
  readonly receive: KeyRange;
  readonly change: KeyRange;
}

/** Accounts of one search. */
export const MAX_CANDIDATES = 64;

export type RestoredAccount =
  /** Everything is known: the wallet can watch the account from the first block on. */
  | { readonly kind: 'found'; readonly window: KeyWindow }
  /** It was used, but its policy is not known whole: the recovery kit's line is needed. */
  | { readonly kind: 'needs-policy'; readonly account: number; readonly fingerprint: Uint8Array }
  /** The chain shows nothing of it: never used, or it only received under a policy with a second leaf. */
  | { readonly kind: 'nothing'; readonly account: number; readonly fingerprint: Uint8Array };

/** What is known so far of one candidate. */
export interface AccountTrace {
  /** Of a heartbeat, which the liveness key has signed, or found by trying. */
  terms: PolicyTerms | null;
  /** Of a payment to a lock of one leaf. Anybody can make one once keys are known: what is signed, or spent by another lock, counts more. */
  returnTerms: PolicyTerms | null;
  siblingHash: Uint8Array | null;
  /** A lock of its that was spent from. */
  lockId: LockId | null;
  seen: boolean;
}

/** What is known of the candidates of a search, in their order, to go on after an interruption: five fields each. */
export const accountTracesCodec: Codec<readonly AccountTrace[]> = list(
  struct<AccountTrace>({
    terms: optional(policyTermsCodec),
    returnTerms: optional(policyTermsCodec),
    siblingHash: optional(fixedBytes(HASH_LENGTH)),
    lockId: optional(fixedBytes(LOCK_ID_LENGTH)),
    seen: bool,
  }),
  { max: MAX_CANDIDATES },
);

interface Trace extends AccountTrace {
  readonly candidate: AccountCandidate;
  /** Policies that were or will be tried, as hexadecimal. */
  readonly tried: Set<string>;
}

/** Different policies of one account whose numbers are tried: strangers can pay to a known lock under as many as they like. */
const MAX_TRIED = 16;

/** Bytes of the leaf of one key, and where the key begins in a witness that shows it: after its length, the number of conditions and the kind. */
const KEY_LEAF_LENGTH = 34;
const KEY_AT = 3;

/** First reading of a chain. Blocks may come in any order; each transaction is looked at for itself. */
export class AccountSearch {
  readonly #traces: readonly Trace[];
  readonly #byKey = new Map<string, Trace>();
  readonly #byLiveness = new Map<string, Trace>();
  /** Locks of one leaf, which emission-return accounts have. */
  readonly #byLock = new Map<string, Trace>();
  readonly #recovery: RecoveryParams;
  readonly #trials: { readonly trace: Trace; readonly trial: HeartbeatTrial }[] = [];

  /** `known`: of the same candidates, from a search that was interrupted. */
  constructor(
    candidates: readonly AccountCandidate[],
    recovery: RecoveryParams,
    known: readonly AccountTrace[] | null = null,
  ) {
    assert(candidates.length <= MAX_CANDIDATES, `${candidates.length} accounts`);
    assert(known === null || known.length === candidates.length, 'what is known is of these candidates');
    this.#recovery = recovery;
    this.#traces = candidates.map((candidate, index) => ({
      candidate,
      tried: new Set(),
      ...(known?.[index] ?? { terms: null, returnTerms: null, siblingHash: null, lockId: null, seen: false }),
    }));
    for (const trace of this.#traces) {
      const { livenessKey, receive, change } = trace.candidate;
      this.#byLiveness.set(toHex(livenessKey), trace);
      for (const publicKey of [...receive.publicKeys, ...change.publicKeys]) {
        this.#byKey.set(toHex(publicKey), trace);
        this.#byLock.set(toHex(accountLockId(publicKey, null)), trace);
      }
    }
  }

  read(transaction: Transaction): void {
    for (const output of transaction.outputs) this.#readOutput(output);
    for (const input of transaction.inputs) this.#readInput(input);
    for (const action of transaction.actions) {
      if (action.kind !== ACTION_KIND.heartbeat) continue;
      const decoded = decodeAction(action);
      if (decoded.ok && decoded.content.kind === 'heartbeat') this.#readTerms(decoded.content.terms);
    }
  }

  /** Accounts whose first leaf was seen but whose policy was not: a second reading looks for what was paid to these locks, as hexadecimal (`readAgain`). */
  get unknownPolicies(): ReadonlyMap<string, AccountCandidate> {
    const open = this.#traces.filter(({ terms, siblingHash }) => terms === null && siblingHash !== null);
    return new Map(open.map(({ lockId, candidate }) => [toHex(lockId!), candidate]));
  }

  /** What is known now, to go on from. */
  get traces(): readonly AccountTrace[] {
    return this.#traces.map(({ terms, returnTerms, siblingHash, lockId, seen }) => {
      return { terms, returnTerms, siblingHash, lockId, seen };
    });
  }

  /** An output as a second reading finds it. If it pays one of the unknown policies' locks, its policy's numbers are to be tried (`tryNumbers`). */
  readAgain({ lockId, policyId }: Pick<Output, 'lockId' | 'policyId'>): void {
    const trace = this.#traces.find(
      (one) => one.terms === null && one.siblingHash !== null && equalBytes(one.lockId!, lockId),
    );
    if (trace === undefined || trace.tried.size >= MAX_TRIED || trace.tried.has(toHex(policyId))) return;
    trace.tried.add(toHex(policyId));
    this.#trials.push({ trace, trial: new HeartbeatTrial(policyId, trace.candidate.livenessKey, this.#recovery) });
  }

  /** Tries so many numbers of what a second reading has found, some microseconds each; at most half a million for each policy. Whether some are left. */
  tryNumbers(count: number): boolean {
    const next = this.#trials[0];
    if (next === undefined) return false;
    const found = next.trace.terms === null ? next.trial.step(count) : null;
    if (found === 'more') return true;
    if (found !== null) next.trace.terms = found;
    this.#trials.shift();
    return this.#trials.length > 0;
  }

  /** What was found of each candidate, in their order. */
  results(): RestoredAccount[] {
    return this.#traces.map((trace) => {
      const { candidate, seen } = trace;
      const { account, fingerprint, receive, change } = candidate;
      const policy = policyOf(trace);
      if (policy === null) return { kind: seen ? 'needs-policy' : 'nothing', account, fingerprint };
      return { kind: 'found', window: { fingerprint, account, ...policy, recoveryKey: null, receive, change } };
    });
  }

  #readOutput({ lockId, policyId }: Output): void {
    if (policyId[0] !== POLICY_TYPE.emissionReturn) return;
    const trace = this.#byLock.get(toHex(lockId));
    if (trace === undefined || trace.returnTerms !== null) return;
    const blocks = parsePolicyId(policyId)!.blocks;
    const terms = { type: 'emissionReturn', blocks, livenessKey: trace.candidate.livenessKey } as const;
    if (equalBytes(termsPolicyId(terms), policyId)) {
      trace.returnTerms = terms;
      trace.seen = true;
    }
  }

  /** A spend by an account's own key shows the hash beside its leaf. Most witnesses are told by their first bytes to be somebody else's. */
  #readInput({ witness }: Input): void {
    if (witness[0] !== KEY_LEAF_LENGTH) return;
    const trace = this.#byKey.get(toHex(witness.subarray(KEY_AT, KEY_AT + 32)));
    if (trace === undefined) return;
    const decoded = decodeLockWitness(witness);
    if (!decoded.ok) return;
    const { leaf, index, count, branch } = decoded.witness;
    const [condition] = leaf;
    if (condition?.kind !== 'key' || leaf.length !== 1 || index !== 0 || count > 2) return;
    trace.seen = true;
    trace.lockId = accountLockId(condition.publicKey, branch[0] ?? null);
    trace.siblingHash = branch[0] ?? null;
  }

  #readTerms(terms: PolicyTerms): void {
    const trace = this.#byLiveness.get(toHex(terms.livenessKey));
    if (trace === undefined) return;
    trace.terms = terms;
    trace.seen = true;
  }
}

/** The policy if all of it is known, else null. */
function policyOf({ terms, returnTerms, siblingHash }: Trace): Pick<KeyWindow, 'terms' | 'siblingHash'> | null {
  const known = terms ?? (siblingHash === null ? returnTerms : null);
  switch (known?.type) {
    case undefined:
      return null;
    case 'emissionReturn':
      return { terms: known!, siblingHash: null };
    case 'social':
      return { terms: known, siblingHash: hashOfLeaf(socialLeaf(known)) };
    case 'heartbeat':
      return siblingHash === null ? null : { terms: known!, siblingHash };
  }
}

/** The terms of a heartbeat policy id with this liveness key, found by trying how its blocks are divided. */
class HeartbeatTrial {
  readonly #policyId: PolicyId;
  readonly #livenessKey: Uint8Array;
  readonly #blocks: number;
  readonly #most: number;
  #interval: number;

  constructor(policyId: PolicyId, livenessKey: Uint8Array, recovery: RecoveryParams) {
    const { heartbeatIntervalMin, heartbeatIntervalMax, heartbeatTimeoutMin, heartbeatTimeoutMax } = recovery;
    const parts = parsePolicyId(policyId);
    this.#policyId = policyId;
    this.#livenessKey = livenessKey;
    this.#blocks = parts?.type === 'heartbeat' ? parts.blocks : 0;
    this.#interval = Math.max(heartbeatIntervalMin, this.#blocks - heartbeatTimeoutMax);
    this.#most = Math.min(heartbeatIntervalMax, this.#blocks - heartbeatTimeoutMin);
  }

  /** null: it is no policy of that key's. */
  step(count: number): PolicyTerms | 'more' | null {
    for (let left = count; this.#interval <= this.#most; left--, this.#interval++) {
      if (left === 0) return 'more';
      const [interval, timeout] = [this.#interval, this.#blocks - this.#interval];
      const terms = { type: 'heartbeat', interval, timeout, livenessKey: this.#livenessKey } as const;
      if (equalBytes(termsPolicyId(terms), this.#policyId)) return terms;
    }
    return null;
  }
}

/** The same at once; some seconds where a network allows long ones. */
export function heartbeatTermsOf(
  policyId: PolicyId,
  livenessKey: Uint8Array,
  recovery: RecoveryParams,
): PolicyTerms | null {
  const found = new HeartbeatTrial(policyId, livenessKey, recovery).step(Number.MAX_SAFE_INTEGER);
  assert(found !== 'more', 'all numbers were tried');
  return found;
}
