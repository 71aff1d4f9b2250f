// A chain and a pool in memory beneath the RPC methods about money; signatures are real.

import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { sign } from '@resonancenet/crypto/ed25519';
import { verifyStrict } from '@resonancenet/crypto/ed25519-node';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import { keyOf, type Owned, seedOf } from '@resonancenet/ledger/testing/build-transaction';
import { paying } from '@resonancenet/ledger/testing/ledger-chain';
import type { StrictOutcome } from '@resonancenet/mempool/mempool-events';
import { idOf, PoolWorld } from '@resonancenet/mempool/testing/pool-world';
import { encodeAddress } from '@resonancenet/primitives/address';
import { type Leaf, leafCodec } from '@resonancenet/primitives/condition';
import { keyDestination } from '@resonancenet/primitives/destination';
import { leafHash } from '@resonancenet/primitives/lock';
import { TransactionSighash } from '@resonancenet/primitives/sighash';
import { NO_LOCK, type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { encodeLockWitness, SIGHASH_ALL } from '@resonancenet/primitives/witness';
import { nextBlock } from '../../mining/next-block.ts';
import { dispatch, type RpcResponse } from '../dispatch.ts';
import type { LedgerApi } from '../ledger-api.ts';
import type { RpcMethod } from '../rpc-method.ts';

/** Resonances of one RNT. */
export const RNT = 10_000_000_000n;

/** Id of the block at a height of this world. */
export const blockHash = (height: number): string => height.toString(16).padStart(64, '0');

function strictly(checks: readonly SignatureCheck[]): StrictOutcome {
  const index = checks.findIndex(({ publicKey, message, signature }) => !verifyStrict(signature, message, publicKey));
  return index < 0 ? { kind: 'valid' } : { kind: 'invalid', index };
}

export class LedgerWorld {
  readonly world: PoolWorld = new PoolWorld();
  readonly confirmed: Map<string, { readonly height: number; readonly transactions: readonly Transaction[] }> =
    new Map();
  readonly api: LedgerApi;
  hasTransactionIndex = false;
  saved = 0;
  #tickets = 0;

  constructor() {
    this.world.verifier = strictly;
    this.api = this.#api();
  }

  /** Address of key number `number` alone. */
  addressOf(number: number): string {
    const { params } = this.world.chain;
    return encodeAddress(params.addressPrefix, keyDestination(keyOf(number), params.recovery));
  }

  /** A mature coin of key number `number`. */
  coin(number: number, resonances: bigint): Owned {
    const { recovery } = this.world.chain.params;
    return this.world.fundOutputs(paying(keyDestination(keyOf(number), recovery), resonances))[0]!;
  }

  /** Hex of a payment by key number `number`, signed, that leaves this fee. */
  payment(number: number, from: Owned, fee: bigint): { readonly hex: string; readonly txid: string } {
    const leaf: Leaf = [{ kind: 'key', publicKey: keyOf(number) }];
    const { lockId, policyId, amount } = from.output;
    const unsigned: Transaction = {
      version: 1,
      inputs: [{ outpoint: { txid: from.txid, index: from.index }, sequence: NO_LOCK, witness: new Uint8Array(0) }],
      outputs: [paying({ lockId, policyId }, amount - fee)],
      actions: [],
      lockTime: NO_LOCK,
    };
    const sighash = new TransactionSighash(this.api.genesisId, unsigned, [from.output]);
    const message = sighash.input(0, SIGHASH_ALL, leafHash(encode(leafCodec, leaf)))!;
    const satisfactions = [{ kind: 'key', flag: SIGHASH_ALL, signature: sign(message, seedOf(number)) }] as const;
    const witness = encodeLockWitness({ leaf, index: 0, count: 1, branch: [], satisfactions });
    const transaction = { ...unsigned, inputs: [{ ...unsigned.inputs[0]!, witness }] };
    return { hex: toHex(encode(transactionCodec, transaction)), txid: idOf(transaction) };
  }

  /** A block with these transactions; its hash. */
  mine(transactions: readonly Transaction[]): string {
    this.world.mine(transactions);
    const { height } = this.world.chain;
    this.confirmed.set(blockHash(height), { height, transactions });
    return blockHash(height);
  }

  /** Calls a method by position. */
  async call(methods: readonly RpcMethod[], method: string, params: readonly unknown[] = []): Promise<RpcResponse> {
    const table = new Map(methods.map((each) => [each.name, each]));
    return (await dispatch(table, { jsonrpc: '2.0', id: 1, method, params })) as RpcResponse;
  }

  #api(): LedgerApi {
    const { world } = this;
    const { params, context, view } = world.chain;
    const isIndexed = (): boolean => this.hasTransactionIndex;
    return {
      params,
      genesisId: context.genesisId,
      get hasTransactionIndex() {
        return isIndexed();
      },
      maxPoolBytes: world.limits.maxBytes,
      minRelayFee: params.minRelayFee,
      pool: world.machine,
      ledger: view,
      now: () => world.now,
      tip: () => this.#tip(),
      block: (id) => {
        const block = this.confirmed.get(id);
        if (block === undefined) return null;
        return { height: block.height, timestamp: 5, confirmations: world.chain.height - block.height + 1 };
      },
      transactionsOf: (id) => this.confirmed.get(id)?.transactions ?? null,
      confirmedTransaction: (id) => (this.hasTransactionIndex ? this.#confirmed(id) : null),
      submit: async (encoded) => {
        this.#tickets += 1;
        const ticket = this.#tickets;
        const actions = world.give({ type: 'transactions', encoded, peer: null, ticket });
        return actions.flatMap((action) =>
          (action.type === 'transaction-accepted' || action.type === 'transaction-refused') && action.ticket === ticket
            ? [action]
            : [],
        );
      },
      checkSignatures: async (checks) => strictly(checks),
      template: () => {
        const { header } = this.#tip();
        const limits = { maxBytes: 1_000_000, maxSignatures: 1_000 };
        return {
          template: world.machine.selectTransactions(limits),
          next: nextBlock(header, header.timestamp + 1n, params, () => toHex(header.dvalId)),
        };
      },
      hashState: () => Promise.reject(new Error('this world has no store')),
      writeSnapshot: () => Promise.reject(new Error('this world has no store')),
      checkSnapshot: () => Promise.reject(new Error('this world has no store')),
      pathOf: (name) => `/nowhere/${name}`,
      savePool: () => {
        this.saved += 1;
      },
    };
  }

  #tip(): ReturnType<LedgerApi['tip']> {
    const { params, height } = this.world.chain;
    return { id: blockHash(height), height, header: { ...genesisHeader(params), height } };
  }

  #confirmed(id: string): ReturnType<LedgerApi['confirmedTransaction']> {
    for (const [blockId, { height, transactions }] of this.confirmed)
      for (const [index, transaction] of transactions.entries())
        if (idOf(transaction) === id) return { blockId, height, place: index + 1, transaction };
    return null;
  }
}
