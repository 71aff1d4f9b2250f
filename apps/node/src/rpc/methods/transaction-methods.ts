// Transactions: found, read, made, tried and sent. Names and errors are Bitcoin Core's where the same thing exists.

import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { transactionCodec } from '@resonancenet/primitives/transaction';
import { z } from 'zod';
import { amountParam } from '../amounts.ts';
import { describeTransaction } from '../describe-transaction.ts';
import type { LedgerApi } from '../ledger-api.ts';
import { hashParam, hexParam, transactionOf, u32Param, verbosityParam } from '../parameters.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';
import { actionParam, createTransaction } from '../create-transaction.ts';
import { findTransaction } from '../find-transaction.ts';
import { sendPackage, sendTransaction, tryTransactions } from '../send-transaction.ts';
import { signTransaction } from '../sign-transaction.ts';

/** RNT per 1,000 bytes above which a fee is taken for a mistake. */
const DEFAULT_MAX_FEE_RATE = '0.1';

/** Transactions of one request, as Bitcoin Core has it. */
const MAX_PACKAGE = 25;

const feeRateParam = amountParam.optional();
const packageParam = z.array(hexParam).min(1).max(MAX_PACKAGE);

const inputParam = z.strictObject({ txid: hashParam, vout: u32Param, sequence: u32Param.optional() });
const spentParam = z.strictObject({ txid: hashParam, vout: u32Param, address: z.string(), amount: amountParam });

function maxFeeRate(given: bigint | undefined): bigint {
  return given ?? amountParam.parse(DEFAULT_MAX_FEE_RATE);
}

function needsTestNetwork({ params }: LedgerApi): void {
  if (!params.testClock)
    throw new RpcError(
      RPC_ERROR.misc,
      `Keys are not given to a node of '${params.name}': this works on regtest only. Sign in a wallet.`,
    );
}

export function transactionMethods(node: LedgerApi): RpcMethod[] {
  return [...findingMethods(node), ...makingMethods(node), ...sendingMethods(node)];
}

function findingMethods(node: LedgerApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'getrawtransaction',
      summary: 'A transaction: unconfirmed, of a block whose hash is given, or (with --txindex) of the chain.',
      params: z.object({ txid: hashParam, verbosity: verbosityParam.optional(), blockhash: hashParam.optional() }),
      result:
        'hex; with verbosity 1 all that decoderawtransaction tells, and hex, blockhash, confirmations, time if a block has it',
      example: ['<txid>', 1],
      handler: ({ txid, verbosity, blockhash }) => {
        const { transaction, blockId } = findTransaction(node, txid, blockhash ?? null);
        const hex = toHex(encode(transactionCodec, transaction));
        if ((verbosity ?? 0) === 0) return hex;
        const block = blockId === null ? null : node.block(blockId);
        return {
          ...(blockhash === undefined ? {} : { in_active_chain: (block?.confirmations ?? -1) > 0 }),
          ...describeTransaction(transaction, node.params),
          hex,
          ...(block === null
            ? {}
            : {
                blockhash: blockId,
                confirmations: Math.max(0, block.confirmations),
                time: block.timestamp,
                blocktime: block.timestamp,
              }),
        };
      },
    }),
    rpcMethod({
      name: 'decoderawtransaction',
      summary: 'What the bytes of a transaction say.',
      params: z.object({ hexstring: hexParam }),
      result: 'txid, hash (with witnesses), version, size, locktime, vin, vout (value in RNT, address), actions',
      example: ['<hex>'],
      handler: ({ hexstring }) => describeTransaction(transactionOf(hexstring), node.params),
    }),
  ];
}

function makingMethods(node: LedgerApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'createrawtransaction',
      summary:
        'A transaction without witnesses. What inputs hold beyond outputs and bonds is its fee: give the change an output.',
      params: z.object({
        inputs: z.array(inputParam).min(1).max(10_000),
        outputs: z.union([z.record(z.string(), amountParam), z.array(z.record(z.string(), amountParam)).max(10_000)]),
        locktime: u32Param.optional(),
        actions: z.array(actionParam).max(1_000).optional(),
      }),
      result: 'hex',
      example: [[{ txid: '<txid>', vout: 0 }], [{ '<address>': '1.5' }]],
      handler: ({ inputs, outputs, locktime, actions }) =>
        toHex(
          encode(
            transactionCodec,
            createTransaction({ inputs, outputs, locktime, actions: actions ?? [] }, node.params),
          ),
        ),
    }),
    rpcMethod({
      name: 'signrawtransactionwithkey',
      summary:
        'Signs inputs that one key opens alone (also Base58 ones), and heartbeats and announcements by keys named in their terms. Networks with a test clock only.',
      params: z.object({
        hexstring: hexParam,
        privkeys: z.array(hashParam).max(1_000),
        prevtxs: z.array(spentParam).max(10_000).optional(),
      }),
      result: 'hex, complete, errors (what is not signed, and why)',
      example: ['<hex>', ['<seed of 64 hex digits>']],
      handler: ({ hexstring, privkeys, prevtxs }) => {
        needsTestNetwork(node);
        return signTransaction(node, transactionOf(hexstring), privkeys.map(fromHex), prevtxs ?? []);
      },
    }),
  ];
}

function sendingMethods(node: LedgerApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'sendrawtransaction',
      summary: 'Hands a transaction to this node, which keeps it, tells its peers and mines it.',
      params: z.object({ hexstring: hexParam, maxfeerate: feeRateParam }),
      result: `txid; maxfeerate in RNT per 1,000 bytes (default ${DEFAULT_MAX_FEE_RATE}; 0: any)`,
      example: ['<hex>'],
      handler: ({ hexstring, maxfeerate }) => sendTransaction(node, hexstring, maxFeeRate(maxfeerate)),
    }),
    rpcMethod({
      name: 'testmempoolaccept',
      summary: 'What would become of transactions if they were sent now: one, or parents and their child, last.',
      params: z.object({ rawtxs: packageParam, maxfeerate: feeRateParam }),
      result: 'list of txid, hash, allowed, and size and fees.base, or reject-reason and reject-details',
      example: [['<hex>']],
      handler: ({ rawtxs, maxfeerate }) => tryTransactions(node, rawtxs, maxFeeRate(maxfeerate)),
    }),
    rpcMethod({
      name: 'submitpackage',
      summary: 'Hands in parents and their child, last, judged together: the child may pay for its parents.',
      params: z.object({ package: packageParam, maxfeerate: feeRateParam }),
      result: 'package_msg (success, or the code of the refusal), tx-results by hash: txid, size, fees.base, error',
      example: [['<parent hex>', '<child hex>']],
      handler: ({ package: encoded, maxfeerate }) => sendPackage(node, encoded, maxFeeRate(maxfeerate)),
    }),
  ];
}
