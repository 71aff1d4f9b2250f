import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { regtest } from '@resonancenet/params/regtest';
import { encodeAddress } from '@resonancenet/primitives/address';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import { type DvalVote, NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { FundingError } from '../rotation/fund-action.ts';
import { dispatch, type RpcResponse } from './dispatch.ts';
import { dvalMethods } from './methods/dval-methods.ts';
import { RPC_ERROR } from './rpc-method.ts';

let vote: DvalVote = NO_VOTE;
let refundGiven: Destination | null = null;
let isPoor = false;
const hash = 'ab'.repeat(32);
const methods = dvalMethods({
  params: regtest,
  dvalInfo: () => ({ dvalId: hash }),
  proposals: () => [],
  dvalVote: () => vote,
  setDvalVote: (next) => {
    vote = next;
  },
  createProposal: (proposal, refund) => {
    if (isPoor) throw new FundingError(1n, 10_000_000_000n);
    refundGiven = refund;
    return { txid: toHex(proposal), hex: '00' };
  },
  createReveal: (salt, shard) => ({ txid: toHex(salt), hex: toHex(shard) }),
});
const table = new Map(methods.map((method) => [method.name, method]));
const ask = async (method: string, params: readonly unknown[]): Promise<RpcResponse> =>
  (await dispatch(table, { jsonrpc: '2.0', id: 1, method, params })) as RpcResponse;

test('setdvalvote sets the vote of mined blocks, and getdvalinfo tells it', async () => {
  assert.deepEqual((await ask('getdvalinfo', [])).result, { dvalId: hash, vote: 'none' });
  assert.deepEqual((await ask('setdvalvote', ['against', hash])).result, { vote: 'against', proposal: hash });
  assert.deepEqual((await ask('getdvalinfo', [])).result, { dvalId: hash, vote: 'against', proposal: hash });
  assert.deepEqual((await ask('setdvalvote', ['none'])).result, { vote: 'none' });
  assert.equal(vote, NO_VOTE);
});

test('a vote without its proposal, or a proposal without a vote, is refused', async () => {
  for (const params of [['for'], ['none', hash], ['for', 'ab'], ['perhaps', hash]])
    assert.equal((await ask('setdvalvote', params)).error?.code, RPC_ERROR.invalidParams, JSON.stringify(params));
});

test('createproposal refunds to an address of the network, else to the node, and says what is missing', async () => {
  assert.deepEqual((await ask('createproposal', [hash])).result, { txid: hash, hex: '00' });
  assert.equal(refundGiven, null);
  const refund = keyDestination(new Uint8Array(32).fill(4), regtest.recovery);
  await ask('createproposal', [hash, encodeAddress(regtest.addressPrefix, refund)]);
  assert.deepEqual(refundGiven, refund);
  assert.equal((await ask('createproposal', [hash, 'nowhere'])).error?.code, RPC_ERROR.invalidParams);
  isPoor = true;
  assert.match((await ask('createproposal', [hash])).error?.message ?? '', /hold 0.0000000001 RNT .* take 1 RNT/);
});

test('createreveal takes whole bytes only', async () => {
  assert.deepEqual((await ask('createreveal', [hash, '0102'])).result, { txid: hash, hex: '0102' });
  assert.equal((await ask('createreveal', [hash, '010'])).error?.code, RPC_ERROR.invalidParams);
});
