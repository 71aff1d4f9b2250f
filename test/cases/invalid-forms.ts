// Transactions that are wrong by themselves, whatever the state: after Bitcoin Core's test/functional/data/invalid_txs.py.

import { base58Lock, type Owned } from '@resonancenet/ledger/testing/build-transaction';
import { base58 } from '@resonancenet/ledger/testing/sample-policies';
import type { CaseChain } from './case-chain.ts';
import type { Case } from './case.ts';
import { absent, type Make, of, payment } from './case-parts.ts';
import { LIMITS } from './limits.ts';
import { rawTransaction } from './raw-transaction.ts';

/** The same outpoint with other bytes around it. */
function rawSpend(from: Owned): { txid: Uint8Array; index: number } {
  return { txid: from.txid, index: from.index };
}

function rawOutput(chain: CaseChain, amount: bigint): { amount: bigint; lockId: Uint8Array; policyId: Uint8Array } {
  return { amount, ...chain.home };
}

const forms: readonly Case[] = [
  {
    name: 'OutputMissing',
    code: 'tx-no-effect',
    invalid: (chain) => of(chain.spend([chain.coin()], { outputs: [] })),
    valid: payment,
  },
  {
    name: 'InputMissing',
    code: 'body-malformed',
    leaves: 'open',
    invalid: (chain) => ({ raw: [rawTransaction({ inputs: [], outputs: [rawOutput(chain, 0n)] })] }),
    valid: payment,
  },
  {
    name: 'BadInputOutpointIndex',
    code: 'tx-missing-input',
    invalid: (chain) => of(chain.spend([{ ...chain.coin(), index: 0xffff }])),
    valid: payment,
  },
  {
    name: 'NonexistentInput',
    code: 'tx-missing-input',
    invalid: (chain) => of(chain.spend([{ ...chain.coin(), txid: absent }])),
    valid: payment,
  },
  {
    name: 'DuplicateInput',
    code: 'tx-duplicate-input',
    invalid: (chain) => {
      const from = chain.coin();
      return of(chain.spend([from, from]));
    },
    valid: (chain) => of(chain.spend([chain.coin(), chain.coin()])),
  },
  {
    name: 'DuplicateInput, others between',
    code: 'tx-duplicate-input',
    invalid: (chain) => {
      const from = chain.coin();
      return of(chain.spend([from, chain.coin(), chain.coin(), from]));
    },
    valid: (chain) => of(chain.spend([chain.coin(), chain.coin(), chain.coin()])),
  },
  {
    name: 'PrevoutNull',
    code: 'body-coinbase-count',
    invalid: (chain) => of(chain.spend([{ ...chain.coin(), txid: new Uint8Array(32) }])),
    valid: payment,
  },
  {
    name: 'PrevoutNull as second input',
    code: 'tx-missing-input',
    invalid: (chain) => of(chain.spend([chain.coin(), { ...chain.coin(), txid: new Uint8Array(32) }])),
    valid: payment,
  },
  {
    name: 'SpendTooMuch',
    code: 'tx-insufficient',
    invalid: (chain) => of(chain.spend([chain.coin()], {}, -1n)),
    valid: payment,
  },
  {
    name: 'CreateNegative',
    code: 'body-malformed',
    leaves: 'open',
    invalid: (chain) => ({
      raw: [rawTransaction({ inputs: [rawSpend(chain.coin())], outputs: [rawOutput(chain, 0xffff_ffff_ffff_ffffn)] })],
    }),
    valid: (chain) => of(chain.spend([chain.coin()], { outputs: [chain.pay(0n)] })),
  },
  {
    name: 'CreateTooLarge',
    code: 'body-malformed',
    leaves: 'open',
    invalid: (chain) => ({
      raw: [rawTransaction({ inputs: [rawSpend(chain.coin())], outputs: [rawOutput(chain, LIMITS.maxMoney + 1n)] })],
    }),
    valid: payment,
  },
  {
    name: 'CreateTooLarge, the largest amount alone',
    code: 'tx-insufficient',
    invalid: (chain) => of(chain.spend([chain.coin()], { outputs: [chain.pay(LIMITS.maxMoney)] })),
    valid: payment,
  },
  {
    name: 'CreateSumTooLarge',
    code: 'tx-output-sum',
    invalid: (chain) => of(chain.spend([chain.coin()], { outputs: [chain.pay(LIMITS.maxMoney), chain.pay(1n)] })),
    valid: payment,
  },
  {
    name: 'CreateSumTooLarge, two outputs of all money',
    code: 'tx-output-sum',
    invalid: (chain) =>
      of(chain.spend([chain.coin()], { outputs: [chain.pay(LIMITS.maxMoney), chain.pay(LIMITS.maxMoney)] })),
    valid: payment,
  },
  {
    name: 'NonStandardAndInvalid',
    code: 'tx-signature',
    // Dust, which no node relays, and a signature that does not hold.
    invalid: (chain) => of(chain.spend([chain.coin()], { outputs: [chain.pay(1n)], forger: 2 })),
    valid: (chain) => of(chain.spend([chain.coin()], { outputs: [chain.pay(1n)] })),
  },
  {
    name: 'version 2',
    code: 'body-malformed',
    leaves: 'open',
    invalid: (chain) => ({
      raw: [rawTransaction({ version: 2, inputs: [rawSpend(chain.coin())], outputs: [rawOutput(chain, 1n)] })],
    }),
    valid: payment,
  },
  {
    name: 'non-canonical varint',
    code: 'body-malformed',
    leaves: 'open',
    invalid: (chain) => ({
      raw: [rawTransaction({ inputs: [rawSpend(chain.coin())], outputs: [rawOutput(chain, 1n)], longCount: true })],
    }),
    valid: payment,
  },
  {
    name: 'witness over its limit',
    code: 'body-malformed',
    leaves: 'open',
    invalid: (chain) => {
      const witness = new Uint8Array(LIMITS.witnessBytes + 1);
      return {
        raw: [rawTransaction({ inputs: [{ ...rawSpend(chain.coin()), witness }], outputs: [rawOutput(chain, 1n)] })],
      };
    },
    valid: payment,
  },
  {
    name: 'witness at its limit, which opens nothing',
    code: 'tx-witness-malformed',
    invalid: (chain) => {
      const witness = new Uint8Array(LIMITS.witnessBytes);
      return {
        raw: [rawTransaction({ inputs: [{ ...rawSpend(chain.coin()), witness }], outputs: [rawOutput(chain, 1n)] })],
      };
    },
    valid: payment,
  },
];

/** Inputs of unspendable garbage, so that the transaction has exactly so many bytes. */
function sized(bytes: number): Make {
  return () => {
    const policyId = new Uint8Array(24);
    const inputs = Array.from({ length: 25 }, (_, index) => ({
      txid: absent,
      index,
      witness: new Uint8Array(15_950),
    }));
    const raw = (last: number): Uint8Array =>
      rawTransaction({
        inputs: inputs.map((input, index) => (index === 24 ? { ...input, witness: new Uint8Array(last) } : input)),
        outputs: [{ amount: 0n, lockId: policyId, policyId: Uint8Array.of(3, 200, ...new Array<number>(22).fill(0)) }],
      });
    const last = 15_950 + bytes - raw(15_950).length;
    return { raw: [raw(last)] };
  };
}

const sizes: readonly Case[] = [
  {
    name: 'transaction over its bytes',
    code: 'tx-size',
    invalid: sized(LIMITS.transactionBytes + 1),
    valid: payment,
  },
  {
    name: 'transaction at its bytes, which spends nothing that exists',
    code: 'tx-missing-input',
    invalid: sized(LIMITS.transactionBytes),
    valid: payment,
  },
];

const destinations: readonly Case[] = (
  [
    ['policy type 0', Uint8Array.of(0, 200, 0, 0, ...new Array<number>(20).fill(1))],
    ['policy type 6', Uint8Array.of(6, 200, 0, 0, ...new Array<number>(20).fill(1))],
    ['heartbeat policy below its range', Uint8Array.of(1, 10, 0, 0, ...new Array<number>(20).fill(1))],
    ['heartbeat policy above its range', Uint8Array.of(1, 0xe9, 3, 0, ...new Array<number>(20).fill(1))],
    ['social policy below its range', Uint8Array.of(2, 5, 0, 0, ...new Array<number>(20).fill(1))],
    ['emission return below its range', Uint8Array.of(3, 199, 0, 0, ...new Array<number>(20).fill(1))],
    ['channel policy of another length', Uint8Array.of(5, 0xf3, 1, 0, ...new Array<number>(20).fill(1))],
    ['channel policy with terms', Uint8Array.of(5, 0xf4, 1, 0, ...new Array<number>(20).fill(1))],
    ['Base58 policy with terms', Uint8Array.of(4, 0xf4, 1, 0, ...new Array<number>(20).fill(1))],
  ] as const
).map(([name, policyId]) => ({
  name: `bad policy: ${name}`,
  code: 'tx-output-destination' as const,
  invalid: (chain: CaseChain) => of(chain.spend([chain.coin()], { outputs: [{ ...chain.pay(1n), policyId }] })),
  valid: (chain: CaseChain) => {
    // The same blocks are right for another type or one block further.
    const blocks = { 1: [11, 0], 2: [6, 0], 3: [200, 0] }[policyId[0]!];
    const near =
      blocks === undefined ? chain.home.policyId : Uint8Array.of(policyId[0]!, ...blocks, 0, ...policyId.slice(4));
    return of(chain.spend([chain.coin()], { outputs: [{ ...chain.pay(1n), policyId: near }] }));
  },
}));

const badLocks: readonly Case[] = [
  {
    name: 'bad lock: a Base58 output whose lock does not end in zeros',
    code: 'tx-output-destination',
    invalid: (chain) => {
      const lockId = base58Lock(1);
      lockId[23] = 1;
      return of(chain.spend([chain.coin()], { outputs: [{ ...chain.pay(1n), ...base58(1), lockId }] }));
    },
    valid: (chain) => of(chain.spend([chain.coin()], { outputs: [{ ...chain.pay(1n), ...base58(1) }] })),
  },
];

export const invalidForms: readonly Case[] = [...forms, ...sizes, ...destinations, ...badLocks];
