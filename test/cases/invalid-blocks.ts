// Invalid blocks: coinbase, roots, order, bytes, headers. After Bitcoin Core's feature_block.py and btcd's fullblocktests/generate.go.

import { lossRoot } from '@resonancenet/consensus/loss-root';
import { sumsFor } from '@resonancenet/consensus/testing/sample-chain';
import { keyOf } from '@resonancenet/ledger/testing/build-transaction';
import { keyDestination } from '@resonancenet/primitives/destination';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { BlockWishes, CaseChain } from './case-chain.ts';
import type { Case } from './case.ts';
import { LIMITS } from './limits.ts';

type Make = (chain: CaseChain) => BlockWishes;

const empty: Make = () => ({});
const coinbase =
  (change: (made: Transaction) => Transaction): Make =>
  () => ({ coinbase: change });
/** Three transactions, so that an odd one stands at the end. */
const three: Make = (chain) => ({ transactions: [chain.spend([chain.coin()]), chain.spend([chain.coin()])] });
const firstInput = ({ inputs }: Transaction): Transaction['inputs'][number] => inputs[0]!;

const coinbases: readonly Case[] = [
  {
    name: 'coinbase pays one resonance too much, tip',
    code: 'body-coinbase-amount',
    invalid: () => ({ more: 1n }),
    valid: empty,
  },
  {
    name: 'coinbase pays one resonance too little',
    code: 'body-coinbase-amount',
    invalid: () => ({ more: -1n }),
    valid: empty,
  },
  {
    name: 'coinbase keeps one resonance more than the fees',
    code: 'body-coinbase-amount',
    invalid: (chain) => ({ transactions: [chain.spend([chain.coin()], {}, 777n)], more: 1n }),
    valid: (chain) => ({ transactions: [chain.spend([chain.coin()], {}, 777n)] }),
  },
  {
    name: 'coinbase takes nothing of the fees',
    code: 'body-coinbase-amount',
    invalid: (chain) => ({ transactions: [chain.spend([chain.coin()], {}, 777n)], more: -777n }),
    valid: (chain) => ({ transactions: [chain.spend([chain.coin()], {}, 1n)] }),
  },
  {
    name: 'coinbase script length',
    code: 'body-coinbase-form',
    invalid: coinbase((made) => ({ ...made, inputs: [{ ...firstInput(made), witness: new Uint8Array(1) }] })),
    valid: empty,
  },
  {
    name: 'non-final coinbase: lock time',
    code: 'body-coinbase-form',
    invalid: coinbase((made) => ({ ...made, lockTime: LIMITS.noLock + 1 })),
    valid: empty,
  },
  {
    name: 'non-final coinbase: sequence',
    code: 'body-coinbase-form',
    invalid: coinbase((made) => ({ ...made, inputs: [{ ...firstInput(made), sequence: 0 }] })),
    valid: empty,
  },
  {
    name: 'coinbase with two inputs',
    code: 'body-coinbase-form',
    invalid: coinbase((made) => ({ ...made, inputs: [firstInput(made), firstInput(made)] })),
    valid: empty,
  },
  {
    name: 'coinbase with an action',
    code: 'body-coinbase-form',
    invalid: coinbase((made) => ({
      ...made,
      actions: [{ kind: 1, data: new Uint8Array(0), witness: new Uint8Array(0) }],
    })),
    valid: empty,
  },
  {
    name: 'bad height in the coinbase: one less',
    code: 'body-coinbase-height',
    invalid: coinbase((made) => withHeight(made, -1)),
    valid: empty,
  },
  {
    name: 'bad height in the coinbase: one more',
    code: 'body-coinbase-height',
    invalid: coinbase((made) => withHeight(made, 1)),
    valid: empty,
  },
  {
    name: 'BIP30 overwrite',
    code: 'body-coinbase-height',
    // The txid of another block's coinbase needs that block's height, which the form does not allow.
    invalid: (chain) => ({ coinbase: () => chain.tip!.transactions[0]! }),
    valid: empty,
  },
  {
    name: 'coinbase to a policy that does not exist',
    code: 'body-coinbase-destination',
    invalid: coinbase((made) => ({ ...made, outputs: [{ ...made.outputs[0]!, policyId: new Uint8Array(24) }] })),
    valid: (chain) => ({ pay: [chain.pay(1n)] }),
  },
  {
    name: 'two coinbases',
    code: 'body-coinbase-count',
    invalid: (chain) => ({ transactions: [chain.block().transactions[0]!] }),
    valid: empty,
  },
  {
    name: 'no coinbase',
    code: 'body-coinbase-count',
    invalid: (chain) => ({ ...three(chain), order: (encoded) => encoded.slice(1) }),
    valid: three,
  },
  {
    name: 'first transaction not coinbase',
    code: 'body-coinbase-place',
    invalid: (chain) => ({ ...three(chain), order: (encoded) => [...encoded.slice(1), encoded[0]!] }),
    valid: three,
  },
];

function withHeight(made: Transaction, off: number): Transaction {
  const input = firstInput(made);
  return { ...made, inputs: [{ ...input, outpoint: { ...input.outpoint, index: input.outpoint.index + off } }] };
}

/** Where the transactions of a body begin: the sums are four of four bytes after their number. */
const TRANSACTIONS_AT = 1 + 4 * 4;

const bodies: readonly Case[] = [
  {
    name: 'no transactions',
    code: 'body-malformed',
    leaves: 'open',
    invalid: () => ({ order: () => [] }),
    valid: empty,
  },
  {
    name: 'bad Merkle root',
    code: 'body-tx-root',
    leaves: 'open',
    invalid: () => ({ header: { txRoot: new Uint8Array(32).fill(1) } }),
    valid: empty,
  },
  {
    name: 'transactions in another order than the root',
    code: 'body-tx-root',
    leaves: 'open',
    invalid: (chain) => ({ ...three(chain), body: (made) => withBytes(made, made.length - 1, made.at(-1)! ^ 1) }),
    valid: three,
  },
  {
    name: 'a byte after the body',
    code: 'body-malformed',
    leaves: 'open',
    invalid: () => ({ body: (made) => Uint8Array.of(...made, 0) }),
    valid: empty,
  },
  {
    name: 'a body cut by one byte',
    code: 'body-malformed',
    leaves: 'open',
    invalid: () => ({ body: (made) => made.slice(0, -1) }),
    valid: empty,
  },
  {
    name: 'non-canonical varint, number of transactions',
    code: 'body-malformed',
    leaves: 'open',
    invalid: () => ({
      body: (made) => Uint8Array.of(...made.slice(0, TRANSACTIONS_AT), 0xfd, 1, 0, ...made.slice(TRANSACTIONS_AT + 1)),
    }),
    valid: empty,
  },
  {
    name: 'more window sums than windows',
    code: 'body-malformed',
    leaves: 'open',
    invalid: () => ({ body: (made) => Uint8Array.of(5, ...new Uint8Array(4), ...made.slice(1)) }),
    valid: empty,
  },
  {
    name: 'window sums of another block',
    code: 'body-loss-root',
    leaves: 'open',
    invalid: () => ({ body: (made) => withBytes(made, 1, made[1]! ^ 1) }),
    valid: empty,
  },
  {
    name: 'block over its bytes',
    code: 'body-size',
    leaves: 'open',
    invalid: () => ({ body: () => new Uint8Array(LIMITS.blockBytes - LIMITS.headerBytes + 1) }),
    valid: empty,
  },
  {
    name: 'block at its bytes, which say nothing',
    code: 'body-malformed',
    leaves: 'open',
    invalid: () => ({ body: () => new Uint8Array(LIMITS.blockBytes - LIMITS.headerBytes) }),
    valid: empty,
  },
];

function withBytes(made: Uint8Array, at: number, value: number): Uint8Array {
  const bytes = made.slice();
  bytes[at] = value;
  return bytes;
}

const headerCase = (name: string, code: Case['code'], replaced: (chain: CaseChain) => BlockWishes['header']): Case => ({
  name,
  code,
  invalid: (chain) => ({ header: replaced(chain)! }),
  valid: empty,
});

const parentOf = (chain: CaseChain): NonNullable<CaseChain['tip']>['header'] => chain.tip!.header;

const headers: readonly Case[] = [
  headerCase('bad version', 'header-version', () => ({ version: 2 })),
  headerCase('bad version 0', 'header-version', () => ({ version: 0 })),
  headerCase('bad height, one less', 'header-height', (chain) => ({ height: chain.next - 1 })),
  headerCase('bad height, one more', 'header-height', (chain) => ({ height: chain.next + 1 })),
  headerCase('growth field off by one, less', 'header-growth', (chain) => ({ growth: parentOf(chain).growth + 1n })),
  headerCase('growth field off by one, more', 'header-growth', (chain) => ({ growth: parentOf(chain).growth + 3n })),
  headerCase('stagnation without a stall', 'header-stagnation', () => ({ stagnation: 1 })),
  headerCase('wrong width for the height', 'header-width', () => ({ dModel: 18 })),
  headerCase('wrong layers for the height', 'header-layers', () => ({ nLayers: 2 })),
  headerCase('timestamp before the parent’s', 'header-too-early', (chain) => ({
    timestamp: parentOf(chain).timestamp - 1n,
  })),
  headerCase('loss above the parent’s by one', 'header-loss-step', (chain) => ({
    valLoss: parentOf(chain).valLoss + 1,
  })),
  headerCase('parent loss one too high', 'header-parent-loss', (chain) => ({
    parentLoss: parentOf(chain).valLoss + 1,
  })),
  headerCase('parent loss one too low', 'header-parent-loss', (chain) => ({
    parentLoss: parentOf(chain).valLoss - 1,
    valLoss: parentOf(chain).valLoss - 1,
  })),
  headerCase('loss beyond 64 nats', 'header-loss-range', () => ({ valLoss: LIMITS.maxLoss + 1 })),
  headerCase('wrong D_val: a reserve before its time', 'header-dval', (chain) => ({ dvalId: dvalNumber(chain, 1) })),
  headerCase('wrong D_val: none of the network', 'header-dval', () => ({ dvalId: new Uint8Array(32).fill(9) })),
  headerCase('signature of the header by another key', 'header-signature', () => ({ signature: new Uint8Array(64) })),
  {
    name: 'claimed loss one below its window sums',
    code: 'body-val-loss',
    invalid: (chain) => {
      const { valLoss } = parentOf(chain);
      return { header: { valLoss: valLoss - 1, lossRoot: lossRoot(sumsFor(valLoss, chain.params)).hash } };
    },
    valid: empty,
  },
];

function dvalNumber({ params }: CaseChain, number: number): Uint8Array {
  const hex = params.genesis.constants!.dvalIds[number]!;
  return Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

const outputs: readonly Case[] = [
  {
    name: 'coinbase of all money',
    code: 'body-coinbase-amount',
    invalid: (chain) => ({
      coinbase: (made) => ({ ...made, outputs: [chain.pay(LIMITS.maxMoney), chain.pay(LIMITS.maxMoney)] }),
    }),
    valid: (chain) => ({ pay: [chain.pay(0n, keyDestination(keyOf(2), chain.params.recovery))] }),
  },
];

export const invalidBlocks: readonly Case[] = [...coinbases, ...bodies, ...headers, ...outputs];
