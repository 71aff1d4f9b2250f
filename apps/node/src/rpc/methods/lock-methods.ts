// Locks and recovery policies: text to bytes and back, what a lock costs and needs, and what is known of a policy.

import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { type Leaf, leafCodec } from '@resonancenet/primitives/condition';
import type { PolicyId } from '@resonancenet/primitives/ids';
import { lockIdOf, MAX_LEAVES } from '@resonancenet/primitives/lock';
import { analyseLock } from '@resonancenet/primitives/lock-text/analyse-lock';
import { describeLockTextProblem } from '@resonancenet/primitives/lock-text/lock-text-problem';
import { MAX_LOCK_TEXT_LENGTH, parseLock } from '@resonancenet/primitives/lock-text/parse-lock';
import { printLock } from '@resonancenet/primitives/lock-text/print-lock';
import { policyProblem } from '@resonancenet/primitives/policy';
import { type PolicyTerms, termsPolicyId, termsProblem } from '@resonancenet/primitives/policy-terms';
import { z } from 'zod';
import { termsParam } from '../create-transaction.ts';
import { describePolicy } from '../describe-policy.ts';
import { addressOf } from '../describe-transaction.ts';
import type { LedgerApi } from '../ledger-api.ts';
import { hashParam, hexParam } from '../parameters.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';

const policyIdParam = z.string().regex(/^[0-9a-f]{48}$/, 'must be 48 lower-case hex digits');

/** A policy by its id or its terms. */
const policyParam: z.ZodType<string | PolicyTerms> = z.union([policyIdParam, termsParam]);

const lockResult =
  'lock (canonical text), lockId, leaves (hex), analysis of each leaf (what it needs, bytes, what is wrong with its keys, whether it can be spent), cheapest and dearest; with a policy policyId and address';

/** @throws RpcError for a policy that this network does not allow */
function policyIdOf(policy: string | PolicyTerms, node: LedgerApi): PolicyId {
  const { recovery } = node.params;
  const problem = typeof policy === 'string' ? null : termsProblem(policy, recovery);
  if (problem !== null) throw new RpcError(RPC_ERROR.invalidParams, `policy: ${problem}`);
  const id = typeof policy === 'string' ? fromHex(policy) : termsPolicyId(policy);
  const idProblem = policyProblem(id, recovery);
  if (idProblem !== null) throw new RpcError(RPC_ERROR.invalidParams, `policy: ${idProblem}`);
  return id;
}

function describeLock(leaves: readonly Leaf[], policy: string | PolicyTerms | undefined, node: LedgerApi): object {
  const policyId = policy === undefined ? null : policyIdOf(policy, node);
  const lockId = lockIdOf(leaves);
  const { leaves: analyses, cheapest, dearest } = analyseLock(leaves, policyId);
  return {
    lock: printLock(leaves),
    lockId: toHex(lockId),
    leaves: leaves.map((leaf) => toHex(encode(leafCodec, leaf))),
    analysis: analyses,
    cheapest: cheapest?.index ?? null,
    dearest: dearest?.index ?? null,
    ...(policyId === null ? {} : { policyId: toHex(policyId), address: addressOf({ lockId, policyId }, node.params) }),
  };
}

export function lockMethods(node: LedgerApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'compilelock',
      summary:
        'The lock that a text describes, such as or(key(A), and(older(144), key(B))), and what opening it takes.',
      params: z.object({
        lock: z.string().min(1).max(MAX_LOCK_TEXT_LENGTH),
        policy: policyParam.optional(),
        keys: z.record(z.string(), hashParam).optional(),
      }),
      result: `${lockResult}; keys: public keys by the names that the text uses`,
      example: ['key(<public key>)', '<policy id>'],
      handler: ({ lock, policy, keys }) => {
        const named = new Map(Object.entries(keys ?? {}).map(([name, key]) => [name, fromHex(key)]));
        const parsed = parseLock(lock, (name) => named.get(name) ?? null);
        if (!parsed.ok)
          throw new RpcError(RPC_ERROR.invalidParams, `lock: ${describeLockTextProblem(lock, parsed.problem)}`);
        return describeLock(parsed.leaves, policy, node);
      },
    }),
    rpcMethod({
      name: 'decodelock',
      summary: 'The text of a lock whose leaves are given in their order, and what opening it takes.',
      params: z.object({ leaves: z.array(hexParam).min(1).max(MAX_LEAVES), policy: policyParam.optional() }),
      result: lockResult,
      example: [['<leaf hex>']],
      handler: ({ leaves, policy }) =>
        describeLock(
          leaves.map((hex, index) => {
            const result = decode(leafCodec, fromHex(hex));
            if (result.ok) return result.value;
            throw new RpcError(RPC_ERROR.deserialization, `Leaf ${index} is none: ${result.error.message}`);
          }),
          policy,
          node,
        ),
    }),
    rpcMethod({
      name: 'getpolicy',
      summary: 'What is known of a recovery policy, given by its id or its terms.',
      params: z.object({ policy: policyParam }),
      result:
        'policyId, type, blocks, terms if given, lastSign (height; 0: never), announcement (height, destination, bond, usableFrom) or null, outputs by age with their deadlines',
      example: [{ type: 'heartbeat', interval: 10_000, timeout: 1_000, livenessKey: '<public key>' }],
      handler: ({ policy }) =>
        describePolicy(
          policyIdOf(policy, node),
          typeof policy === 'string' ? null : policy,
          node.ledger,
          node.tip().height,
          node.params,
        ),
    }),
  ];
}
