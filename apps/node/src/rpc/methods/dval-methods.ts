// Rotation of the validation set: what stands, votes, and the transactions that propose and reveal a set.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { parseAddress } from '@resonancenet/primitives/address';
import { type DvalVote, NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { z } from 'zod';
import { FundingError } from '../../rotation/fund-action.ts';
import type { FundedTransaction, NodeApi } from '../node-api.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';
import { rnt } from '../amounts.ts';
import { hashParam } from '../parameters.ts';

const hexBytes = z.string().regex(/^(?:[0-9a-f]{2})*$/, 'must be pairs of lower-case hex digits');

function voteText(vote: DvalVote): Record<string, unknown> {
  return vote.kind === 'none' ? { vote: 'none' } : { vote: vote.kind, proposal: toHex(vote.proposal) };
}

function funded(make: () => FundedTransaction): FundedTransaction {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof FundingError)) throw error;
    throw new RpcError(
      RPC_ERROR.misc,
      `The coins of this node's key hold ${rnt(error.held)} RNT that can be spent, bond and fee take ${rnt(error.needed)} RNT: mine, or pay to the address that getmininginfo names.`,
    );
  }
}

/** What these methods ask of the node. */
export type DvalApi = Pick<
  NodeApi,
  'params' | 'dvalInfo' | 'proposals' | 'dvalVote' | 'setDvalVote' | 'createProposal' | 'createReveal'
>;

export function dvalMethods(node: DvalApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'getdvalinfo',
      summary: 'The validation set in force, what follows it, and how far miners had overfitted at each change.',
      params: z.object({}),
      result:
        'dvalId, source, since, stalledFrom (Unix seconds), nextReserve, lockedIn (a proposal or null), changes with the tip’s losses on both sets and their gap (micro-nats), vote of this node',
      example: [],
      handler: () => ({ ...node.dvalInfo(), ...voteText(node.dvalVote()) }),
    }),
    rpcMethod({
      name: 'listproposals',
      summary: 'All proposed validation sets with their votes, the newest first.',
      params: z.object({}),
      result: 'list of proposal, status, votes for and against, heights of every step, refund address',
      example: [],
      handler: () => node.proposals(),
    }),
    rpcMethod({
      name: 'setdvalvote',
      summary: 'How blocks of this node vote on a proposed validation set, until it ends or is told otherwise.',
      params: z.object({ vote: z.enum(['for', 'against', 'none']), proposal: hashParam.optional() }),
      result: 'the vote as it is now',
      example: ['for', '<proposal>'],
      handler: ({ vote, proposal }) => {
        if ((vote === 'none') !== (proposal === undefined))
          throw new RpcError(RPC_ERROR.invalidParams, 'Give a proposal with a vote for or against, and none without.');
        const next: DvalVote =
          vote === 'none' || proposal === undefined ? NO_VOTE : { kind: vote, proposal: fromHex(proposal) };
        node.setDvalVote(next);
        return voteText(next);
      },
    }),
    rpcMethod({
      name: 'createproposal',
      summary:
        'Makes the transaction that proposes a validation set, paid by this node’s key; send it with sendrawtransaction.',
      params: z.object({ proposal: hashParam, refund: z.string().optional() }),
      result: 'txid, hex',
      example: ['<proposal>'],
      handler: ({ proposal, refund }) => {
        const parsed = refund === undefined ? null : parseAddress(node.params, refund);
        if (parsed !== null && !parsed.ok) throw new RpcError(RPC_ERROR.invalidParams, `refund: ${parsed.detail}`);
        return funded(() => node.createProposal(fromHex(proposal), parsed?.destination ?? null));
      },
    }),
    rpcMethod({
      name: 'createreveal',
      summary:
        'Makes the transaction that reveals a proposed set, paid by this node’s key; send it with sendrawtransaction.',
      params: z.object({ salt: hashParam, shard: hexBytes }),
      result: 'txid, hex',
      example: ['<salt>', '<shard>'],
      handler: ({ salt, shard }) => funded(() => node.createReveal(fromHex(salt), fromHex(shard))),
    }),
  ];
}
