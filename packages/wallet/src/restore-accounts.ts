// Restoring accounts from words alone (WAL-80 to WAL-82): what a chain shows of the policies behind keys that the signer has derived.
//
// Emission return: the locks are known, and a payment's policy id names the blocks. For the others the locks hang on the second leaf: the account's
// first spend shows its hash, and the heartbeat that wallets add to it shows the terms. What only ever received shows nothing: its policy must be
// known from elsewhere (the line of the recovery kit, a backup).

import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { accountLockId, hashOfLeaf, socialLeaf } from '@resonancenet/keys/account-policy';
import type { KeyRange, KeyWindow } from '@resonancenet/keys/key-window';
import type { RecoveryParams } from '@resonancenet/params/network-params';
import { ACTION_KIND, decodeAction } from '@resonancenet/primitives/action-content';
import type { LockId, PolicyId } from '@resonancenet/primitives/ids';
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

export type RestoredAccount =
  /** Everything is known: the wallet can watch the account from the first block on. */
  | { readonly kind: 'found'; readonly window: KeyWindow }
  /** It was used, but its policy is not known whole: the recovery kit's line is needed. */
  | { readonly kind: 'needs-policy'; readonly account: number; readonly fingerprint: Uint8Array }
  /** The chain shows nothing of it: never used, or it only received under a policy with a second leaf. */
  | { readonly kind: 'nothing'; readonly account: number; readonly fingerprint: Uint8Array };

/** What is known so far of one candidate. */
interface Trace {
  readonly candidate: AccountCandidate;
  /** Of a heartbeat, which the liveness key has signed, or found by trying. */
  terms: PolicyTerms | null;
  /** Of a payment to a lock of one leaf. Anybody can make one once keys are known: what is signed, or spent by another lock, counts more. */
  returnTerms: PolicyTerms | null;
  siblingHash: Uint8Array | null;
  /** A lock of its that was spent from. */
  lockId: LockId | null;
  seen: boolean;
}

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

  constructor(candidates: readonly AccountCandidate[], recovery: RecoveryParams) {
    this.#recovery = recovery;
    this.#traces = candidates.map((candidate) => ({
      candidate,
      terms: null,
      returnTerms: null,
      siblingHash: null,
      lockId: null,
      seen: false,
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

  /**
   * An output as a second reading finds it. If it pays one of the unknown policies' locks, the policy's numbers are tried: at most half a million
   * hashes, some seconds, once for each account.
   */
  readAgain({ lockId, policyId }: Pick<Output, 'lockId' | 'policyId'>): void {
    const trace = this.#traces.find(
      (one) => one.terms === null && one.siblingHash !== null && equalBytes(one.lockId!, lockId),
    );
    if (trace !== undefined) trace.terms = heartbeatTermsOf(policyId, trace.candidate.livenessKey, this.#recovery);
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

/** The terms of a heartbeat policy id with this liveness key, found by trying how its blocks are divided; null: it is none of that key's. */
export function heartbeatTermsOf(
  policyId: PolicyId,
  livenessKey: Uint8Array,
  { heartbeatIntervalMin, heartbeatIntervalMax, heartbeatTimeoutMin, heartbeatTimeoutMax }: RecoveryParams,
): PolicyTerms | null {
  const parts = parsePolicyId(policyId);
  if (parts === null || parts.type !== 'heartbeat') return null;
  const { blocks } = parts;
  const least = Math.max(heartbeatIntervalMin, blocks - heartbeatTimeoutMax);
  const most = Math.min(heartbeatIntervalMax, blocks - heartbeatTimeoutMin);
  for (let interval = least; interval <= most; interval++) {
    const terms = { type: 'heartbeat', interval, timeout: blocks - interval, livenessKey } as const;
    if (equalBytes(termsPolicyId(terms), policyId)) return terms;
  }
  return null;
}
