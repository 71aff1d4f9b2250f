// Recovery policies on a chain: heartbeats, announcements, cancellations, returns, each refused one block too early or too late or by the wrong party.

import assert from 'node:assert/strict';
import { readTotals } from '@resonancenet/ledger/totals';
import { byKey, heartbeat, keyOf, keysOf, type Owned } from '@resonancenet/ledger/testing/build-transaction';
import {
  HEARTBEAT,
  heartbeatTerms,
  keyLeaves,
  SOCIAL,
  socialTerms,
  under,
} from '@resonancenet/ledger/testing/sample-policies';
import { type ActionContent, encodeAction } from '@resonancenet/primitives/action-content';
import type { Leaf } from '@resonancenet/primitives/condition';
import type { Destination } from '@resonancenet/primitives/destination';
import { base58PolicyId, channelPolicyId } from '@resonancenet/primitives/policy';
import { type PolicyTerms, type SocialTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import type { Action, Transaction } from '@resonancenet/primitives/transaction';
import type { CaseChain } from './case-chain.ts';
import { plain, shortLived } from './case-networks.ts';
import type { Story } from './case.ts';
import { LIMITS } from './limits.ts';

const noSignature = new Uint8Array(64);
/** Key 2 opens after eleven idle blocks of the heartbeat policy, key 1 always. */
const heirLeaves: readonly Leaf[] = [[byKey(1)], [byKey(2), { kind: 'idle' }]];
/** Key 3 opens an announced recovery. */
const guardedLeaves: readonly Leaf[] = [[byKey(1)], [byKey(3), { kind: 'announced' }]];
/** Blocks of the sample policies. */
const IDLE = 11;
const WAIT = 6;

function announcement(destination: Destination, guardians = [0, 1], terms: SocialTerms = socialTerms): Action {
  return encodeAction({
    kind: 'announce',
    terms,
    destination,
    signatures: guardians.map((guardian) => ({ guardian, signature: noSignature })),
  });
}

/** A transaction of one coin with these actions; what is left of the coin is change, after a bond. */
function acting(chain: CaseChain, actions: readonly Action[], bond = 0n, forger?: number): Transaction {
  const from = chain.coin();
  const outputs = from.output.amount > bond ? [chain.pay(from.output.amount - bond)] : [];
  const plan = { spends: [{ from, leaves: keyLeaves }], outputs, actions };
  return chain.sign(forger === undefined ? plan : { ...plan, forger });
}

/** A coin of key 1 with an action that somebody else signed. */
function actingFor(chain: CaseChain, actions: readonly Action[]): Transaction {
  const good = acting(chain, actions);
  // The input's signature stays right: only that of the action is taken from another transaction.
  const other = acting(chain, actions);
  return { ...good, actions: other.actions };
}

/** One output under a policy, in the next block. */
function locked(chain: CaseChain, destination: Destination, amount = LIMITS.rnt): Owned {
  const made = chain.sign({
    spends: [{ from: chain.coin(), leaves: keyLeaves }],
    outputs: [chain.pay(amount, destination)],
  });
  chain.accept({ transactions: [made] });
  return chain.owned(made, chain.next - 1)[0]!;
}

const home = (chain: CaseChain): Destination => chain.home;

/** A recovery of these outputs by key 3, with this fee. */
function recovery(chain: CaseChain, from: readonly Owned[], destination: Destination, fee = 0n): Transaction {
  const held = from.reduce((sum, { output }) => sum + output.amount, 0n);
  return chain.sign({
    spends: from.map((one) => ({ from: one, leaves: guardedLeaves, leaf: 1 })),
    outputs: [chain.pay(held - fee, destination)],
  });
}

const heartbeats: readonly Story[] = [
  {
    name: 'heartbeat at deadline -1, 0 and +1: the heir opens from the deadline on',
    params: plain,
    tell: (chain) => {
      chain.prepare();
      const from = locked(chain, under(HEARTBEAT, heirLeaves));
      const heir = chain.sign({ spends: [{ from, leaves: heirLeaves, leaf: 1 }], outputs: [chain.pay(1n)] });
      chain.advanceTo(from.height + IDLE - 1);
      chain.refuse({ transactions: [heir] }, 'tx-idle');
      // A sign of life one block before the deadline starts the eleven blocks anew.
      chain.accept({ transactions: [acting(chain, [heartbeat(heartbeatTerms)])] });
      const sign = chain.next - 1;
      chain.refuse({ transactions: [heir] }, 'tx-idle');
      chain.advanceTo(sign + IDLE - 1);
      chain.refuse({ transactions: [heir] }, 'tx-idle');
      chain.advanceTo(sign + IDLE);
      chain.accept({ transactions: [heir] });
    },
  },
  {
    name: 'heartbeat at the deadline keeps the heir out of later transactions of its block, and not out of its own',
    params: plain,
    tell: (chain) => {
      chain.prepare();
      const outputs = locked(chain, under(HEARTBEAT, heirLeaves));
      const heir = chain.sign({ spends: [{ from: outputs, leaves: heirLeaves, leaf: 1 }], outputs: [chain.pay(1n)] });
      const beat = acting(chain, [heartbeat(heartbeatTerms)]);
      chain.advanceTo(outputs.height + IDLE);
      chain.refuse({ transactions: [beat, heir] }, 'tx-idle');
      chain.accept({ transactions: [heir, beat] });
    },
  },
  {
    name: 'heartbeat by another key',
    params: plain,
    tell: (chain) => {
      chain.refuse({ transactions: [actingFor(chain, [heartbeat(heartbeatTerms)])] }, 'tx-signature');
      chain.accept({ transactions: [acting(chain, [heartbeat(heartbeatTerms)])] });
    },
  },
  {
    name: 'heartbeat under terms that the network does not allow',
    params: plain,
    tell: (chain) => {
      const short: PolicyTerms = { type: 'heartbeat', interval: 9, timeout: 2, livenessKey: keyOf(40) };
      const long: PolicyTerms = { type: 'heartbeat', interval: 501, timeout: 1, livenessKey: keyOf(40) };
      for (const terms of [short, long]) {
        chain.refuse({ transactions: [acting(chain, [heartbeat(terms)])] }, 'tx-terms');
      }
      chain.accept({ transactions: [acting(chain, [heartbeat({ ...short, interval: 10 } as PolicyTerms)])] });
      chain.accept({ transactions: [acting(chain, [heartbeat({ ...long, interval: 500 } as PolicyTerms)])] });
    },
  },
  {
    name: 'the same sign of life twice in one transaction',
    params: plain,
    tell: (chain) => {
      const beat = heartbeat(heartbeatTerms);
      chain.refuse({ transactions: [acting(chain, [beat, beat])] }, 'tx-duplicate-action');
      chain.accept({ transactions: [acting(chain, [beat])] });
    },
  },
  {
    name: 'unknown action kinds',
    params: plain,
    tell: (chain) => {
      for (const kind of [0, 3, 4, 0x0f, 0x12, 0x80, 0xff]) {
        const action = { kind, data: new Uint8Array(4), witness: new Uint8Array(0) };
        chain.refuse({ transactions: [acting(chain, [action])] }, 'tx-action-malformed');
      }
      for (const kind of [1, 2, 0x10, 0x11]) {
        const action = { kind, data: new Uint8Array(4), witness: new Uint8Array(0) };
        chain.refuse({ transactions: [acting(chain, [action])] }, 'tx-action-malformed');
      }
    },
  },
];

const elsewhere: Destination = under(SOCIAL, [[byKey(4)]]);

const announcements: readonly Story[] = [
  {
    name: 'recovery claim before cancel: one block too early, at its block, and after a heartbeat',
    params: plain,
    tell: (chain) => {
      chain.prepare();
      const owned = [locked(chain, under(SOCIAL, guardedLeaves)), locked(chain, under(SOCIAL, guardedLeaves))];
      const claims = owned.map((from) => recovery(chain, [from], elsewhere));
      chain.refuse({ transactions: [claims[0]!] }, 'tx-announced-none');
      chain.accept({ transactions: [acting(chain, [announcement(elsewhere)])] });
      const made = chain.next - 1;
      chain.advanceTo(made + WAIT - 1);
      chain.refuse({ transactions: [claims[0]!] }, 'tx-announced-wait');
      chain.advanceTo(made + WAIT);
      chain.accept({ transactions: [claims[0]!] });
      // The owner is alive after all: what was not taken yet stays his.
      chain.accept({ transactions: [acting(chain, [heartbeat(socialTerms)])] });
      chain.refuse({ transactions: [claims[1]!] }, 'tx-announced-none');
      chain.accept({
        transactions: [chain.sign({ spends: [{ from: owned[1]!, leaves: guardedLeaves }], outputs: [chain.pay(1n)] })],
      });
    },
  },
  {
    name: 'recovery claim after cancel in the last block of the wait',
    params: plain,
    tell: (chain) => {
      chain.prepare();
      const from = locked(chain, under(SOCIAL, guardedLeaves));
      chain.accept({ transactions: [acting(chain, [announcement(elsewhere)])] });
      chain.advanceTo(chain.next - 1 + WAIT);
      const [beat, claim] = [acting(chain, [heartbeat(socialTerms)]), recovery(chain, [from], elsewhere)];
      chain.refuse({ transactions: [beat, claim] }, 'tx-announced-none');
      chain.accept({ transactions: [claim, beat] });
    },
  },
  {
    name: 'announcement by the wrong party',
    params: plain,
    tell: (chain) => {
      chain.refuse({ transactions: [actingFor(chain, [announcement(elsewhere)])] }, 'tx-signature');
      // Too few guardians, one twice, one that the terms do not have: the action cannot be read.
      const one = encodeOne(announcement(elsewhere), (witness) => witness.slice(0, 65));
      const twice = encodeOne(announcement(elsewhere), (witness) => witness.with(65, 0));
      const none = encodeOne(announcement(elsewhere), (witness) => witness.with(65, 3));
      const three = encodeOne(announcement(elsewhere), (witness) => Uint8Array.of(...witness, 2, ...noSignature));
      for (const action of [one, twice, none, three]) {
        chain.refuse({ transactions: [acting(chain, [action])] }, 'tx-action-malformed');
      }
      chain.accept({ transactions: [acting(chain, [announcement(elsewhere, [1, 2])])] });
    },
  },
  {
    name: 'announcement under a wait below the network’s',
    params: plain,
    tell: (chain) => {
      const short: SocialTerms = { ...socialTerms, wait: 5, guardians: keysOf(51, 52, 53) };
      chain.refuse({ transactions: [acting(chain, [announcement(elsewhere, [0, 1], short)])] }, 'tx-terms');
      chain.accept({ transactions: [acting(chain, [announcement(elsewhere, [0, 1], { ...short, wait: 6 })])] });
    },
  },
  {
    name: 'announcement to a destination that cannot be paid',
    params: plain,
    tell: (chain) => {
      const dead = { ...elsewhere, policyId: new Uint8Array(24) };
      chain.refuse({ transactions: [acting(chain, [announcement(dead)])] }, 'tx-action-destination');
      chain.accept({ transactions: [acting(chain, [announcement(elsewhere)])] });
    },
  },
  {
    name: 'recovery in another form than announced',
    params: plain,
    tell: (chain) => {
      chain.prepare();
      const owned = [locked(chain, under(SOCIAL, guardedLeaves)), locked(chain, under(SOCIAL, guardedLeaves))];
      const stranger = chain.coin();
      const beat = heartbeat(heartbeatTerms);
      chain.accept({ transactions: [acting(chain, [announcement(elsewhere)])] });
      chain.advanceTo(chain.next - 1 + WAIT);
      const spends = owned.map((from) => ({ from, leaves: guardedLeaves, leaf: 1 }));
      const all = chain.pay(2n * LIMITS.rnt, elsewhere);
      const forms = [
        { spends, outputs: [{ ...all, ...home(chain) }] },
        { spends, outputs: [all, chain.pay(0n)] },
        { spends, outputs: [all], actions: [beat] },
        {
          spends: [...spends, { from: stranger, leaves: keyLeaves }],
          outputs: [chain.pay(3n * LIMITS.rnt, elsewhere)],
        },
        { spends: [spends[0]!, { from: owned[1]!, leaves: guardedLeaves }], outputs: [all] },
      ];
      for (const form of forms) chain.refuse({ transactions: [chain.sign(form)] }, 'tx-announced-form');
      chain.accept({ transactions: [chain.sign({ spends, outputs: [all] })] });
    },
  },
  {
    name: 'recovery with one resonance of fee too much',
    params: plain,
    tell: (chain) => {
      chain.prepare();
      const from = locked(chain, under(SOCIAL, guardedLeaves));
      chain.accept({ transactions: [acting(chain, [announcement(elsewhere)])] });
      chain.advanceTo(chain.next - 1 + WAIT);
      chain.refuse({ transactions: [recovery(chain, [from], elsewhere, LIMITS.rnt / 100n + 1n)] }, 'tx-announced-fee');
      chain.accept({ transactions: [recovery(chain, [from], elsewhere, LIMITS.rnt / 100n)] });
    },
  },
  {
    name: 'bonds: the first announcement is free, a further one takes 1 RNT, which the first use gets back and a cancellation loses',
    params: plain,
    tell: (chain) => {
      chain.prepare();
      const owned = [locked(chain, under(SOCIAL, guardedLeaves)), locked(chain, under(SOCIAL, guardedLeaves))];
      const bond = LIMITS.announcementBond;
      chain.accept({ transactions: [acting(chain, [announcement(elsewhere)])] });
      // The second one has to hold the bond: without it the outputs are more than the inputs.
      chain.refuse({ transactions: [acting(chain, [announcement(elsewhere)])] }, 'tx-insufficient');
      chain.accept({ transactions: [acting(chain, [announcement(elsewhere)], bond)], bonds: bond });
      chain.advanceTo(chain.next - 1 + WAIT);
      // The coinbase is to have nothing of the bond that comes back: it counts as an input.
      const more = (extra: bigint): Transaction =>
        chain.sign({
          spends: [{ from: owned[0]!, leaves: guardedLeaves, leaf: 1 }],
          outputs: [chain.pay(LIMITS.rnt + bond + extra, elsewhere)],
        });
      chain.refuse({ transactions: [more(1n)] }, 'tx-insufficient');
      chain.accept({ transactions: [more(0n)] });
      // The second use gets nothing.
      const second = chain.sign({
        spends: [{ from: owned[1]!, leaves: guardedLeaves, leaf: 1 }],
        outputs: [chain.pay(LIMITS.rnt + 1n, elsewhere)],
      });
      chain.refuse({ transactions: [second] }, 'tx-insufficient');
      const before = totalsOf(chain);
      chain.accept({ transactions: [acting(chain, [announcement(elsewhere)], bond)], bonds: bond });
      chain.accept({ transactions: [acting(chain, [heartbeat(socialTerms)])] });
      const after = totalsOf(chain);
      assert.equal(after.returned - before.returned, bond, 'the cancelled bond can be minted again');
      assert.equal(after.bonds, before.bonds);
    },
  },
];

function encodeOne(action: Action, change: (witness: Uint8Array) => Uint8Array): Action {
  return { ...action, witness: change(action.witness) };
}

function totalsOf(chain: CaseChain): ReturnType<typeof readTotals> {
  return readTotals({
    get: (table, key) => chain.node.store.get(table, key),
    range: (table, from, to) => chain.node.store.range(table, from, to),
  });
}

const returnTerms: ActionContent & { kind: 'heartbeat' } = {
  kind: 'heartbeat',
  terms: { type: 'emissionReturn', blocks: 8, livenessKey: keyOf(40) },
  signature: noSignature,
};

/** An output that returns after so many blocks: spent one block before, gone at the block. */
function returning(name: string, blocks: number, policyId: Uint8Array): Story {
  return {
    name: `emission return at the exact height: ${name}`,
    params: shortLived,
    tell: (chain) => {
      const from = locked(chain, { ...chain.home, policyId });
      const spend = chain.spend([from]);
      const [height, before] = [from.height + blocks, totalsOf(chain).returned];
      chain.advanceTo(height - 1);
      const last = chain.tip;
      chain.accept({ transactions: [spend] });
      // Undone by a branch that does not spend it, on which it returns.
      const aside = chain.block({ parent: last, miner: 2 });
      chain.overtake([aside, chain.block({ parent: aside, miner: 2 })]);
      assert.equal(totalsOf(chain).returned, before + from.output.amount);
      chain.refuse({ transactions: [spend] }, 'tx-missing-input');
    },
  };
}

const returns: readonly Story[] = [
  returning('terms of its own', 8, termsPolicyId(returnTerms.terms)),
  returning('channel', 9, channelPolicyId(shortLived.recovery)),
  {
    name: 'emission return of a Base58 output, and a heartbeat that moves no other’s deadline',
    params: shortLived,
    tell: (chain) => {
      const policyId = base58PolicyId(shortLived.recovery);
      const lockId = new Uint8Array(24);
      const from = locked(chain, { lockId, policyId });
      chain.accept({ transactions: [acting(chain, [encodeAction(returnTerms)])] });
      const before = totalsOf(chain).returned;
      chain.advanceTo(from.height + 9);
      assert.equal(totalsOf(chain).returned, before);
      chain.advance(1);
      assert.equal(totalsOf(chain).returned, before + from.output.amount);
    },
  },
  {
    name: 'heartbeat at deadline -1 moves a return, at the deadline it comes too late for the output',
    params: shortLived,
    tell: (chain) => {
      const policyId = termsPolicyId(returnTerms.terms);
      chain.prepare();
      const from = locked(chain, { ...chain.home, policyId });
      const beats = [acting(chain, [encodeAction(returnTerms)]), acting(chain, [encodeAction(returnTerms)])];
      chain.advanceTo(from.height + 7);
      chain.accept({ transactions: [beats[0]!] });
      chain.advance(1);
      const before = totalsOf(chain).returned;
      chain.advanceTo(from.height + 7 + 8);
      chain.accept({ transactions: [beats[1]!] });
      assert.equal(totalsOf(chain).returned, before + from.output.amount);
      chain.refuse({ transactions: [chain.spend([from])] }, 'tx-missing-input');
    },
  },
];

export const recoveryStories: readonly Story[] = [...heartbeats, ...announcements, ...returns];
