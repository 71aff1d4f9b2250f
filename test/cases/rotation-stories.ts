// The rotation of the D_val on a chain: proposals, votes, reveals and activations, each wrong by one block, one vote or one micro-nat.

import assert from 'node:assert/strict';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { type ProposedSet, proposedSet } from '@resonancenet/chain/testing/rotation-chain';
import { keyLeaves } from '@resonancenet/ledger/testing/sample-policies';
import type { Owned } from '@resonancenet/ledger/testing/build-transaction';
import { encodeAction } from '@resonancenet/primitives/action-content';
import type { DvalVote } from '@resonancenet/primitives/dval-vote';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { BlockWishes, CaseChain } from './case-chain.ts';
import { rotating } from './case-networks.ts';
import type { Story } from './case.ts';
import { LIMITS } from './limits.ts';

/** 100 RNT. */
const BOND = 100n * LIMITS.rnt;
/** From lock-in to activation, and before it. */
const DELAY = 6;
const NOTICE = 3;
const EXPIRY = 8;
/** Of every checkpoint on a proposed set; on the others it is 5,000,000. */
const NEW_LOSS = 4_000_000;

function rich(chain: CaseChain): Owned[] {
  const coins: Owned[] = [];
  for (let made = 0; made < 3; made++) coins.push(chain.owned(chain.accept().transactions[0]!, chain.next - 1)[0]!);
  chain.advance(LIMITS.coinbaseMaturity);
  return coins;
}

function proposing(chain: CaseChain, from: readonly Owned[], { proposal }: ProposedSet, bond = BOND): Transaction {
  const held = from.reduce((sum, { output }) => sum + output.amount, 0n);
  return chain.sign({
    spends: from.map((one) => ({ from: one, leaves: keyLeaves })),
    outputs: held - bond > 0n ? [chain.pay(held - bond)] : [],
    actions: [encodeAction({ kind: 'propose', proposal, refund: chain.home })],
  });
}

function revealing(chain: CaseChain, { salt, shard }: Pick<ProposedSet, 'salt' | 'shard'>): Transaction {
  return chain.spend([chain.coin()], { actions: [encodeAction({ kind: 'reveal', salt, shard })] });
}

const voteFor = ({ proposal }: ProposedSet): BlockWishes => ({ vote: { kind: 'for', proposal } });
const voteAgainst = ({ proposal }: ProposedSet): BlockWishes => ({ vote: { kind: 'against', proposal } });

/** Proposes with three coinbases and locks the set in by three votes; the height of its activation. */
function lockIn(chain: CaseChain, set: ProposedSet): number {
  chain.setLoss(set.id, NEW_LOSS);
  chain.prepare();
  const coins = rich(chain);
  chain.accept({ transactions: [proposing(chain, coins, set)], bonds: BOND });
  for (let votes = 0; votes < 3; votes++) chain.accept(voteFor(set));
  return chain.next - 1 + DELAY;
}

const dvalOf = ({ id }: ProposedSet): Uint8Array => fromHex(id);

const proposals: readonly Story[] = [
  {
    name: 'proposal without its bond, to the resonance',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      const coins = rich(chain);
      chain.refuse({ transactions: [proposing(chain, coins, set, BOND - 1n)] }, 'tx-insufficient');
      // A bond of less money than it takes: the coinbase would have the difference.
      chain.refuse({ transactions: [proposing(chain, coins, set)] }, 'body-coinbase-amount');
      chain.accept({ transactions: [proposing(chain, coins, set)], bonds: BOND });
    },
  },
  {
    name: 'proposal repeated, while it is open and when it has expired',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      const coins = [...rich(chain), ...rich(chain)];
      const first = proposing(chain, coins.slice(0, 3), set);
      chain.accept({ transactions: [first], bonds: BOND });
      const at = chain.next - 1;
      const again = proposing(chain, coins.slice(3), set);
      chain.refuse({ transactions: [again], bonds: BOND }, 'tx-proposal-repeated');
      chain.advanceTo(at + EXPIRY + 1);
      chain.refuse({ transactions: [again], bonds: BOND }, 'tx-proposal-repeated');
    },
  },
  {
    name: 'proposal with a refund that cannot be paid',
    params: rotating,
    tell: (chain) => {
      const coins = rich(chain);
      const refund = { ...chain.home, policyId: new Uint8Array(24) };
      const actions = [encodeAction({ kind: 'propose', proposal: proposedSet(1).proposal, refund })];
      const plan = { spends: coins.map((from) => ({ from, leaves: keyLeaves })), outputs: [], actions };
      chain.refuse({ transactions: [chain.sign(plan)] }, 'tx-action-destination');
    },
  },
];

const reveals: readonly Story[] = [
  {
    name: 'rotation reveal mismatched, before the lock-in, duplicate',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      chain.refuse({ transactions: [revealing(chain, set)] }, 'tx-reveal-not-locked-in');
      lockIn(chain, set);
      const salt = set.salt.with(0, 99);
      chain.refuse({ transactions: [revealing(chain, { ...set, salt })] }, 'tx-reveal-not-locked-in');
      chain.refuse({ transactions: [revealing(chain, { ...set, shard: set.shard.slice(2) })] }, 'tx-reveal-shard');
      chain.accept({ transactions: [revealing(chain, set)] });
      chain.refuse({ transactions: [revealing(chain, set)] }, 'tx-reveal-repeated');
    },
  },
  {
    name: 'rotation reveal late: at activation - notice it is in time, one block later it has failed',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      const activation = lockIn(chain, set);
      chain.advanceTo(activation - NOTICE);
      const before = chain.tip;
      chain.accept({ transactions: [revealing(chain, set)] });
      const late = revealing(chain, set);
      // The branch on which nobody revealed it in time.
      const first = chain.block({ parent: before, miner: 2 });
      chain.overtake([first, chain.block({ parent: first, miner: 2 })]);
      chain.refuse({ transactions: [late] }, 'tx-reveal-not-locked-in');
    },
  },
  {
    name: 'one vote too few locks nothing in',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      chain.prepare();
      const coins = rich(chain);
      chain.accept({ transactions: [proposing(chain, coins, set)], bonds: BOND });
      // Two of four, and a third when the first has left the window.
      for (const wishes of [voteFor(set), voteFor(set), {}, {}, voteFor(set)]) chain.accept(wishes);
      chain.refuse({ transactions: [revealing(chain, set)] }, 'tx-reveal-not-locked-in');
    },
  },
];

/** Locked in and revealed, on the block before activation. */
function ready(chain: CaseChain, set: ProposedSet, votes: readonly DvalVote[] = []): number {
  const activation = lockIn(chain, set);
  chain.accept({ transactions: [revealing(chain, set)] });
  chain.advanceTo(activation - votes.length);
  for (const vote of votes) chain.accept({ vote });
  return activation;
}

const activations: readonly Story[] = [
  {
    name: 'wrong D_val epoch: the old set at activation, the new one a block early, a micro-nat out of bounds',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      const activation = ready(chain, set);
      assert.equal(chain.next, activation);
      const parentLoss = NEW_LOSS;
      const valLoss = parentLoss;
      chain.refuse({}, 'header-dval', { leaves: 'invalid' });
      chain.refuse({ dvalId: dvalOf(set), parentLoss: 2_499_999, valLoss: 2_499_999 }, 'header-dval-bounds');
      chain.refuse({ dvalId: dvalOf(set), parentLoss: 10_000_001, valLoss: 10_000_001 }, 'header-dval-bounds');
      chain.accept({ dvalId: dvalOf(set), parentLoss, valLoss });
      // From here on the new set is the parent's.
      chain.refuse({ dvalId: fromHex(rotating.genesis.constants!.dvalIds[0]!), parentLoss }, 'header-dval');
      chain.advance(1);
    },
  },
  {
    name: 'a set before its activation, and one that was never revealed',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      lockIn(chain, set);
      chain.refuse({ dvalId: dvalOf(set) }, 'header-dval');
      chain.accept({ transactions: [revealing(chain, set)] });
      chain.refuse({ dvalId: dvalOf(set) }, 'header-dval');
    },
  },
  {
    name: 'two votes against cancel, one does not',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      const against = { kind: 'against', proposal: set.proposal } as const;
      ready(chain, set, [against, against]);
      // Refused by the ledger while the parent's loss is looked up, before the block's own chunks are asked for.
      const blame = { leaves: 'invalid', vouched: false } as const;
      chain.refuse({ dvalId: dvalOf(set), parentLoss: NEW_LOSS }, 'header-dval', blame);
      chain.accept();
    },
  },
  {
    name: 'one vote against does not cancel',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      ready(chain, set, [{ kind: 'against', proposal: set.proposal }, { kind: 'none' }]);
      chain.refuse({}, 'header-dval', { leaves: 'invalid' });
      chain.accept({ dvalId: dvalOf(set), parentLoss: NEW_LOSS });
    },
  },
  {
    name: 'the vote of the block before the notice does not count against',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      const activation = lockIn(chain, set);
      chain.accept({ transactions: [revealing(chain, set)] });
      chain.advanceTo(activation - NOTICE - 1);
      chain.accept(voteAgainst(set));
      chain.accept(voteAgainst(set));
      chain.advanceTo(activation);
      chain.refuse({}, 'header-dval', { leaves: 'invalid' });
      chain.accept({ dvalId: dvalOf(set), parentLoss: NEW_LOSS });
    },
  },
  {
    name: 'two chains on both sides of a rotation',
    params: rotating,
    tell: (chain) => {
      const set = proposedSet(1);
      ready(chain, set);
      const before = chain.tip!;
      const ours = chain.accept({ dvalId: dvalOf(set), parentLoss: NEW_LOSS });
      chain.advance(1);
      // A branch that leaves before the activation has to make it too.
      const wrong = chain.block({ parent: before, miner: 2 });
      const worse = chain.block({ parent: wrong, miner: 2 });
      chain.refuseBranch([wrong, worse, chain.block({ parent: worse, miner: 2 })], 'header-dval', 0);
      const first = chain.block({ parent: before, miner: 2, dvalId: dvalOf(set), parentLoss: NEW_LOSS });
      const second = chain.block({ parent: first, miner: 2 });
      chain.overtake([first, second, chain.block({ parent: second, miner: 2 })]);
      assert.equal(toHex(chain.tip!.header.dvalId), toHex(ours.header.dvalId));
    },
  },
  {
    name: 'after a stall the next reserve, a second before it the old set',
    params: rotating,
    tell: (chain) => {
      const [old, reserve] = rotating.genesis.constants!.dvalIds.map(fromHex);
      chain.setLoss(toHex(reserve!), 5_000_000);
      chain.advance(2);
      // Four stall intervals of 60 s.
      chain.refuse({ seconds: 239, dvalId: reserve! }, 'header-dval');
      chain.refuse({ seconds: 240, dvalId: old! }, 'header-dval');
      chain.accept({ seconds: 240, dvalId: reserve! });
    },
  },
  {
    name: 'parent loss on a reserve one micro-nat off',
    params: rotating,
    tell: (chain) => {
      const [, reserve, next] = rotating.genesis.constants!.dvalIds.map(fromHex);
      chain.setLoss(toHex(reserve!), 4_900_000);
      chain.setLoss(toHex(next!), 4_900_000);
      chain.advance(2);
      chain.node.wait(240_000);
      const claiming = (loss: number): BlockWishes => ({
        seconds: 240,
        dvalId: reserve!,
        parentLoss: loss,
        valLoss: loss,
      });
      chain.refuse(claiming(4_900_001), 'evaluation-parent-loss');
      // By now the loss is known: nobody has to vouch for the block before it is refused.
      chain.refuse(claiming(4_899_999), 'evaluation-parent-loss', { vouched: false });
      chain.accept(claiming(4_900_000));
    },
  },
];

export const rotationStories: readonly Story[] = [...proposals, ...reveals, ...activations];
