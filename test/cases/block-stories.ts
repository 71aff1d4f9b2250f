// What takes more than one block: forks and reorganisations, limits of a block, blocks that come again, times and rewards.
// After Bitcoin Core's feature_block.py and btcd's fullblocktests/generate.go.

import assert from 'node:assert/strict';
import { byKey, keysOf, type Owned } from '@resonancenet/ledger/testing/build-transaction';
import { base58, keyLeaves } from '@resonancenet/ledger/testing/sample-policies';
import type { Leaf } from '@resonancenet/primitives/condition';
import { lockIdOf } from '@resonancenet/primitives/lock';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { type BlockWishes, type CaseBlock, CaseChain } from './case-chain.ts';
import { fewSignatures, generous, plain, rewarded, spaced, withBlockBytes } from './case-networks.ts';
import type { Story } from './case.ts';
import { LIMITS } from './limits.ts';

/** So many blocks on top of a block, one of them as wished; the last one first. They are delivered by the story. */
function branch(
  chain: CaseChain,
  parent: CaseBlock | null,
  length: number,
  at = -1,
  wishes: BlockWishes = {},
): CaseBlock[] {
  const blocks: CaseBlock[] = [];
  for (let place = 0; place < length; place++) {
    const own = place === at ? wishes : {};
    blocks.push(chain.block({ parent: blocks.at(-1) ?? parent, miner: 2, ...own }));
  }
  return blocks;
}

const forks: readonly Story[] = [
  {
    name: 'equal-length fork, no reorganisation',
    params: plain,
    tell: (chain) => {
      chain.advance(2);
      const fork = chain.tip;
      chain.advance(2);
      for (const block of branch(chain, fork, 2)) chain.aside(block);
    },
  },
  {
    name: 'reorganisation there and back',
    params: plain,
    tell: (chain) => {
      chain.advance(2);
      const fork = chain.tip;
      const ours = [chain.accept(), chain.accept()];
      chain.overtake(branch(chain, fork, 3));
      const back = branch(chain, ours[1]!, 2);
      chain.overtake(back);
      assert.equal(chain.next, 7);
    },
  },
  {
    name: 'double spend on the longer fork',
    params: plain,
    tell: (chain) => {
      const coin = chain.coin();
      chain.accept();
      const fork = chain.tip;
      const ours = chain.accept({ transactions: [chain.spend([coin])] });
      // The same coin spent otherwise, which is right on that branch and only there.
      const other = chain.spend([coin], {}, 5n);
      chain.overtake(branch(chain, fork, 2, 0, { transactions: [other] }));
      chain.refuse({ transactions: [ours.transactions[1]!] }, 'tx-missing-input');
      chain.accept({ transactions: [chain.spend([chain.owned(other, chain.next)[0]!])] });
    },
  },
  {
    name: 'spent twice within a fork',
    params: plain,
    tell: (chain) => {
      const coin = chain.coin();
      const fork = chain.tip;
      chain.advance(2);
      const blocks = branch(chain, fork, 2, 0, { transactions: [chain.spend([coin])] });
      const third = chain.block({ parent: blocks[1]!, transactions: [chain.spend([coin], {}, 1n)] });
      chain.refuseBranch([...blocks, third], 'tx-missing-input');
    },
  },
  {
    name: 'coinbase pays one resonance too much, end of a fork',
    params: plain,
    tell: (chain) => {
      chain.advance(1);
      const fork = chain.tip;
      chain.advance(2);
      const blocks = branch(chain, fork, 3, 2, { more: 1n });
      chain.refuseBranch(blocks, 'body-coinbase-amount');
      // Its twin takes over: only the last block was wrong.
      chain.follow(chain.block({ parent: blocks[1]!, miner: 2 }));
    },
  },
  {
    name: 'coinbase pays one resonance too much, middle of a fork',
    params: plain,
    tell: (chain) => {
      chain.advance(1);
      const fork = chain.tip;
      chain.advance(2);
      const blocks = branch(chain, fork, 3, 1, { more: 1n });
      chain.refuseBranch(blocks, 'body-coinbase-amount', 1);
      chain.advance(1);
    },
  },
  {
    name: 'spend from a re-orged-out transaction',
    params: plain,
    tell: (chain) => {
      const coin = chain.coin();
      const fork = chain.tip;
      const paid = chain.spend([coin]);
      chain.accept({ transactions: [paid] });
      const child = chain.spend([chain.owned(paid, chain.next - 1)[0]!]);
      chain.overtake(branch(chain, fork, 2));
      chain.refuse({ transactions: [child] }, 'tx-missing-input');
      // With its parent it is right again.
      chain.accept({ transactions: [paid, child] });
    },
  },
  {
    name: 'spend from a re-orged-out coinbase',
    params: plain,
    tell: (chain) => {
      chain.advance(1);
      const fork = chain.tip;
      const lost = chain.accept();
      chain.overtake(branch(chain, fork, 2));
      chain.advance(LIMITS.coinbaseMaturity);
      const from = chain.owned(lost.transactions[0]!, lost.header.height)[0]!;
      chain.refuse({ transactions: [chain.spend([from])] }, 'tx-missing-input');
    },
  },
  {
    name: 'child of a rejected block',
    params: plain,
    tell: (chain) => {
      chain.advance(1);
      const bad = chain.refuse({ more: 1n }, 'body-coinbase-amount');
      // Whoever relays the header may not know of the body.
      chain.refuse({ parent: bad }, 'header-invalid-parent', { peerFault: false });
      chain.advance(1);
    },
  },
  {
    name: 'block of an unknown parent',
    params: plain,
    tell: (chain) => {
      const unknown = chain.block();
      const child = chain.block({ parent: unknown });
      chain.refuseBlock(child, 'header-unknown-parent', { peerFault: false });
      chain.follow(unknown);
      chain.follow(child);
    },
  },
  {
    name: 'a rejected block again',
    params: plain,
    tell: (chain) => {
      const bad = chain.refuse({ more: 1n }, 'body-coinbase-amount');
      // The refusal is remembered; announcing it again is nobody's fault.
      chain.refuseBlock(bad, 'body-coinbase-amount', { peerFault: false });
    },
  },
  {
    name: 'Merkle duplication, then the valid twin',
    params: plain,
    tell: (chain) => {
      const coins = [chain.coin(), chain.coin()];
      const good = chain.block({ transactions: coins.map((coin) => chain.spend([coin])) });
      const twice = chain.block({
        transactions: coins.map((coin) => chain.spend([coin])),
        header: { txRoot: good.header.txRoot },
        order: (encoded) => [...encoded, encoded.at(-1)!],
      });
      assert.equal(twice.id, good.id, 'the two have one id');
      chain.refuseBlock(twice, 'body-tx-root', { leaves: 'open' });
      chain.follow(good);
    },
  },
  {
    name: 'bad body, then the valid twin',
    params: plain,
    tell: (chain) => {
      const good = chain.block();
      chain.refuseBlock({ ...good, body: good.body.slice(0, -1) }, 'body-malformed', { leaves: 'open' });
      chain.follow(good);
    },
  },
];

const depths: readonly Story[] = [5, 6].map((depth) => ({
  name: `reorganisation of depth ${depth}, to the last final block`,
  params: plain,
  tell: (chain) => {
    chain.advance(3);
    const fork = chain.tip;
    const coin = chain.owned(fork!.transactions[0]!, fork!.header.height)[0]!;
    chain.advance(depth);
    const blocks = branch(chain, fork, depth + 1);
    chain.overtake(blocks);
    assert.equal(chain.next, fork!.header.height + depth + 2);
    chain.accept({ transactions: [chain.spend([coin])] });
  },
}));

const finality: readonly Story[] = [
  ...depths,
  {
    name: 'reorganisation of depth 7, below the last final block',
    params: plain,
    tell: (chain) => {
      chain.advance(3);
      const fork = chain.tip;
      chain.advance(LIMITS.finalityDepth + 1);
      const [first] = branch(chain, fork, 1);
      chain.refuseBlock(first!, 'header-below-finality', { peerFault: false, leaves: 'open' });
      chain.advance(1);
    },
  },
];

const threshold: Leaf = [{ kind: 'threshold', required: 2, publicKeys: keysOf(1, 2, 3) }];
const multisig: readonly Leaf[] = [threshold];
const inTree: readonly Leaf[] = [[byKey(9)], threshold, [byKey(8)]];

/** Four signatures of the given kind are as many as a block may have, a fifth is too many. */
function signatureLimit(name: string, four: (chain: CaseChain) => readonly Transaction[]): Story {
  return {
    name: `signature limit and one more: ${name}`,
    params: fewSignatures,
    tell: (chain) => {
      const transactions = four(chain);
      const fifth = chain.spend([chain.coin()]);
      chain.refuse({ transactions: [...transactions, fifth] }, 'body-signature-count');
      chain.accept({ transactions });
      chain.accept({ transactions: [fifth] });
    },
  };
}

function lockedBy(chain: CaseChain, leaves: readonly Leaf[], count: number): Owned[] {
  const lock = chain.sign({
    spends: [{ from: chain.coin(), leaves: keyLeaves }],
    outputs: outputsTo(chain, leaves, count),
  });
  chain.accept({ transactions: [lock] });
  return chain.owned(lock, chain.next - 1);
}

function outputsTo(chain: CaseChain, leaves: readonly Leaf[], count: number): ReturnType<CaseChain['pay']>[] {
  const destination = { ...chain.home, lockId: lockIdOf(leaves) };
  return Array.from({ length: count }, () => chain.pay(1_000_000n, destination));
}

const signatures: readonly Story[] = [
  signatureLimit('keys (CHECKSIG)', (chain) => [
    chain.spend([chain.coin(), chain.coin()]),
    chain.spend([chain.coin()]),
    chain.spend([chain.coin()]),
  ]),
  signatureLimit('thresholds (MULTISIG)', (chain) =>
    lockedBy(chain, multisig, 2).map((from) =>
      chain.sign({ spends: [{ from, leaves: multisig }], outputs: [chain.pay(1n)] }),
    ),
  ),
  signatureLimit('leaves of a tree (P2SH)', (chain) =>
    lockedBy(chain, inTree, 2).map((from) =>
      chain.sign({ spends: [{ from, leaves: inTree, leaf: 1 }], outputs: [chain.pay(1n)] }),
    ),
  ),
  signatureLimit('one transaction has all of them', (chain) => [
    chain.spend([chain.coin(), chain.coin(), chain.coin(), chain.coin()]),
  ]),
  {
    name: 'signature limit and one more: Base58',
    params: fewSignatures,
    tell: (chain) => {
      const owned = chain.fund(...Array.from({ length: 5 }, () => ({ ...chain.pay(10n), ...base58(5) })));
      const of = (coins: readonly Owned[]): Transaction =>
        chain.sign({ spends: coins.map((from) => ({ from, baseKey: 5 })), outputs: [chain.pay(1n)] });
      chain.refuse({ transactions: [of(owned)] }, 'body-signature-count');
      chain.accept({ transactions: [of(owned.slice(0, 4))] });
    },
  },
];

/** A block of the chain on its first coinbases, with so many outputs of 56 bytes. */
function filled(chain: CaseChain, outputs: number): CaseBlock {
  return chain.block({ pay: Array.from({ length: outputs }, () => chain.pay(1n)) });
}

const sizes: readonly Story[] = [
  {
    name: 'max size and one more',
    params: plain,
    tell: (any) => {
      const full = filled(any, 40);
      const bytes = LIMITS.headerBytes + full.body.length;
      const fits = new CaseChain(withBlockBytes(bytes));
      fits.follow(filled(fits, 40));
      const tight = new CaseChain(withBlockBytes(bytes - 1));
      tight.refuseBlock(filled(tight, 40), 'body-size', { leaves: 'open' });
      tight.follow(filled(tight, 39));
    },
  },
];

const times: readonly Story[] = [
  {
    name: 'time = MTP and MTP+1',
    params: spaced,
    tell: (chain) => {
      chain.advance(2);
      // A block comes at least its spacing after its parent.
      chain.refuse({ seconds: 9 }, 'header-too-early');
      chain.accept({ seconds: 10 });
    },
  },
  {
    name: 'time too new',
    params: spaced,
    tell: (chain) => {
      chain.advance(2);
      // The clock of the node is 5 s ahead of the tip after its 15 at the start and 10 a block.
      const behind = Number(BigInt(Math.floor(chain.node.unixMs / 1000)) - chain.tip!.header.timestamp);
      const late = chain.block({ seconds: behind + 3 });
      const [refused] = chain.node.all('refused', chain.node.header(late, 'ahead'));
      assert.equal(refused?.code, 'header-future');
      assert.equal(refused?.peerFault, false);
      // It is taken when its time has come; two seconds ahead are allowed.
      chain.node.wait(1_000);
      chain.follow({ ...late, seconds: 5 });
    },
  },
  {
    name: 'header timestamps non-monotone',
    params: plain,
    tell: (chain) => {
      chain.advance(2);
      chain.refuse({ seconds: -1 }, 'header-too-early');
      // Where blocks have no spacing, one may have its parent's second.
      chain.accept({ seconds: 0 });
    },
  },
];

const rewards: readonly Story[] = [
  {
    name: 'reward above base and bonus',
    params: rewarded,
    tell: (chain) => {
      // 0.1 % of 5,000,000 micro-nats earns the subsidy and a tenth of it, 1 % twice the subsidy and not more.
      const steps = [
        [5_000, 550_000_000_000n],
        [4_999, null],
        [49_900, null],
        [200_000, 1_000_000_000_000n],
      ] as const;
      for (const [gain, known] of steps) {
        const loss = chain.tip?.header.valLoss ?? 5_000_000;
        const reward = known ?? earned(loss, gain);
        const wishes = { parentLoss: loss, valLoss: loss - gain, reward };
        chain.refuse({ ...wishes, more: 1n }, 'body-coinbase-amount');
        chain.refuse({ ...wishes, more: -1n }, 'body-coinbase-amount');
        chain.accept(wishes);
      }
    },
  },
  {
    name: 'halving after half of all money',
    params: generous,
    tell: (chain) => {
      const subsidy = 52_500_000_000_000_000n;
      chain.accept({ reward: subsidy });
      chain.accept({ reward: subsidy });
      chain.refuse({ reward: subsidy }, 'body-coinbase-amount');
      chain.refuse({ reward: subsidy / 2n + 1n }, 'body-coinbase-amount');
      chain.accept({ reward: subsidy / 2n });
      chain.accept({ reward: subsidy / 2n });
      chain.refuse({ reward: subsidy / 2n }, 'body-coinbase-amount');
      chain.accept({ reward: subsidy / 4n });
    },
  },
  {
    name: 'the cap of 21,000,000 RNT',
    params: { ...generous, name: 'capped', subsidy: 150_000_000_000_000_000n },
    tell: (chain) => {
      chain.accept({ reward: 150_000_000_000_000_000n });
      // Half of the subsidy would be 7,500,000 RNT; 6,000,000 are left.
      chain.refuse({ reward: 60_000_000_000_000_001n }, 'body-coinbase-amount');
      chain.accept({ reward: 60_000_000_000_000_000n });
      chain.refuse({ reward: 1n }, 'body-coinbase-amount');
      chain.accept({ reward: 0n });
    },
  },
];

/** LED-22 by hand: below 0.1 % a part of the subsidy, up to 1 % a part on top. */
function earned(loss: number, gain: number): bigint {
  const [subsidy, parent, scaled] = [LIMITS.subsidy, BigInt(loss), BigInt(gain) * 1_000_000n];
  if (scaled < parent * 1_000n) return (subsidy * scaled) / (parent * 1_000n);
  const bonus = (subsidy * scaled) / (parent * 10_000n);
  return subsidy + (bonus < subsidy ? bonus : subsidy);
}

export const blockStories: readonly Story[] = [...forks, ...finality, ...signatures, ...sizes, ...times, ...rewards];
