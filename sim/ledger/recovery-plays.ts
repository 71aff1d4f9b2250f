// The three ways in which money is recovered, each as the people concerned go about it: owners, heirs, guardians, and somebody who never comes back.

import { assert } from '@resonancenet/bytes/assert';
import { type PolicyRecord, readPolicy } from '@resonancenet/ledger/policy-registry';
import { announcementBond, announcementRefund } from '@resonancenet/ledger/recovery';
import { amount } from '@resonancenet/primitives/amount';
import type { Leaf } from '@resonancenet/primitives/condition';
import { publicKey } from '@resonancenet/crypto/ed25519';
import type { PolicyId } from '@resonancenet/primitives/ids';
import { lockIdOf } from '@resonancenet/primitives/lock';
import { type PolicyTerms, type SocialTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { nameOf } from '../payments.ts';
import { byKey, type OwnCoin, publicKeys } from '@resonancenet/primitives/testing/signed-transaction';
import { type Actor, FEE, type Play } from './actor.ts';

const RNT = 10_000_000_000n;

/** Repeats a play for ever, a few blocks apart. */
export function* again(actor: Actor, play: (actor: Actor) => Play): Play {
  for (;;) {
    yield* play(actor);
    yield* actor.wait(actor.random.integer(1, 6));
  }
}

/** An owner gives some signs of life and then no more: after the timeout the recovery key takes the money (LED-13 to LED-15). */
export function* heartbeatPlay(actor: Actor): Play {
  const { random } = actor;
  const { heartbeatIntervalMin, heartbeatTimeoutMin } = actor.node.params.recovery;
  const [owner, recovery, liveness] = actor.seeds(3) as [Uint8Array, Uint8Array, Uint8Array];
  const interval = heartbeatIntervalMin + random.integer(0, 3);
  const timeout = heartbeatTimeoutMin + random.integer(0, 2);
  const terms: PolicyTerms = { type: 'heartbeat', interval, timeout, livenessKey: publicKey(liveness) };
  const policyId = termsPolicyId(terms);
  const leaves: readonly Leaf[] = [[byKey(owner)], [{ kind: 'idle' }, byKey(recovery)]];
  const coin = yield* actor.fund({ lockId: lockIdOf(leaves), policyId }, RNT);
  if (coin === null) return;
  const claim = claimOf(actor, coin, leaves, [recovery]);
  for (let sign = 0, signs = random.integer(1, 2); sign < signs; sign += 1) {
    yield* actor.wait(random.integer(1, interval - 2));
    if (!(yield* actor.act({ kind: 'heartbeat', terms, key: liveness }))) return;
    refuse(actor, claim);
  }
  const idle = (): boolean => actor.nextHeight - lastSign(actor, policyId) >= interval + timeout;
  if (yield* actor.until(idle, interval + timeout + 8)) yield* actor.confirm(claim);
}

/** Guardians announce a recovery, the owner cancels it, they announce again, and after the wait the money moves (LED-16 to LED-19). */
export function* socialPlay(actor: Actor): Play {
  const { random } = actor;
  const [owner, liveness, ...guardians] = actor.seeds(5) as [Uint8Array, Uint8Array, ...Uint8Array[]];
  const wait = actor.node.params.recovery.socialWaitMin + random.integer(0, 2);
  const terms: SocialTerms = {
    type: 'social',
    wait,
    livenessKey: publicKey(liveness),
    required: 2,
    guardians: publicKeys(guardians),
  };
  const policyId = termsPolicyId(terms);
  const leaves: readonly Leaf[] = [[byKey(owner)], [{ kind: 'announced' }]];
  const coin = yield* actor.fund({ lockId: lockIdOf(leaves), policyId }, RNT);
  if (coin === null) return;
  const policy = (): PolicyRecord => readPolicy(actor.node.chain.ledger, policyId);
  const announce = { kind: 'announce', terms, destination: actor.own, guardians: guardians.slice(0, 2) } as const;
  const bond = (): bigint => announcementBond(policy());
  // The first one is free; of the others each costs its bond if it is cancelled.
  for (let cancelled = 0, times = random.integer(1, 2); cancelled < times; cancelled += 1) {
    if (!(yield* actor.act(announce, bond))) return;
    refuse(actor, claimOf(actor, coin, leaves, []));
    yield* actor.wait(random.integer(0, 2));
    if (!(yield* actor.act({ kind: 'heartbeat', terms, key: liveness }))) return;
  }
  if (!(yield* actor.act(announce, bond))) return;
  const ripe = (): boolean => actor.nextHeight - (policy().announcement?.height ?? actor.nextHeight) >= wait;
  if (!(yield* actor.until(ripe, wait + 8))) return;
  yield* actor.confirm(claimOf(actor, coin, leaves, [], announcementRefund(policy())));
}

/** An owner gives one sign of life and is never heard of again: the money returns to the emission at its height (LED-20). */
export function* returnPlay(actor: Actor): Play {
  const { emissionReturnMin } = actor.node.params.recovery;
  const [owner, liveness] = actor.seeds(2) as [Uint8Array, Uint8Array];
  const terms: PolicyTerms = { type: 'emissionReturn', blocks: emissionReturnMin, livenessKey: publicKey(liveness) };
  const policyId = termsPolicyId(terms);
  const coin = yield* actor.fund({ lockId: lockIdOf([[byKey(owner)]]), policyId }, RNT);
  if (coin === null) return;
  yield* actor.wait(actor.random.integer(5, 15));
  yield* actor.act({ kind: 'heartbeat', terms, key: liveness });
  yield* actor.until(() => actor.node.chain.coin(coin.outpoint) === null, emissionReturnMin + MAX_DELAY);
}

/** Blocks that a reorganisation may delay what a play waits for. */
const MAX_DELAY = 10;

/** What opens a coin by its second leaf, and pays its owner's node. `bond`: what comes back with it. */
function claimOf(
  actor: Actor,
  coin: OwnCoin,
  leaves: readonly Leaf[],
  keys: readonly Uint8Array[],
  bond = 0n,
): Transaction {
  return actor.sign({
    openings: [{ coin, leaves, leaf: 1, keys }],
    outputs: [{ amount: amount(coin.output.amount + bond - FEE), ...actor.own }],
  });
}

/** What comes too early no pool takes. */
function refuse(actor: Actor, claim: Transaction): void {
  actor.submit(claim);
  assert(actor.node.pool.get(nameOf(claim)) === null, 'a recovery is taken before its time');
}

function lastSign(actor: Actor, policyId: PolicyId): number {
  return readPolicy(actor.node.chain.ledger, policyId).lastSign;
}
