import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { keyOf, seedOf } from '@resonancenet/ledger/testing/build-transaction';
import { paying } from '@resonancenet/ledger/testing/ledger-chain';
import { decodeBase58Address, encodeBase58Address, keyHash } from '@resonancenet/primitives/address';
import { type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { NoAnswerError } from '../pool/node-pool.ts';
import { transactionMethods } from './methods/transaction-methods.ts';
import type { RpcResponse } from './dispatch.ts';
import { RPC_ERROR } from './rpc-method.ts';
import { LedgerWorld, RNT } from './testing/ledger-world.ts';

type Json = Record<string, unknown>;

interface Scene extends LedgerWorld {
  ask(method: string, ...params: unknown[]): Promise<RpcResponse>;
  ok<T>(method: string, ...params: unknown[]): Promise<T>;
  code(method: string, ...params: unknown[]): Promise<number | undefined>;
}

function scene(): Scene {
  const world = new LedgerWorld();
  const methods = transactionMethods(world.api);
  const ask = (method: string, ...params: unknown[]): Promise<RpcResponse> => world.call(methods, method, params);
  return Object.assign(world, {
    ask,
    ok: async <T>(method: string, ...params: unknown[]): Promise<T> => {
      const answer = await ask(method, ...params);
      assert.equal(answer.error, undefined);
      return answer.result as T;
    },
    code: async (method: string, ...params: unknown[]): Promise<number | undefined> =>
      (await ask(method, ...params)).error?.code,
  });
}

function read(hex: string): Transaction {
  const result = decode(transactionCodec, fromHex(hex));
  assert.ok(result.ok);
  return result.value;
}

/** The signature stands at the end of the witness. */
function withBadSignature(transaction: Transaction): Transaction {
  const [input] = transaction.inputs;
  const witness = input!.witness.slice();
  witness[witness.length - 40]! ^= 1;
  return { ...transaction, inputs: [{ ...input!, witness }] };
}

const seed = (number: number): string => toHex(seedOf(number));

test('a transaction is made, signed, tried, sent, found and mined', async () => {
  const world = scene();
  const coin = world.coin(2, 5n * RNT);
  const inputs = [{ txid: toHex(coin.txid), vout: 0 }];
  const raw = await world.ok<string>('createrawtransaction', inputs, [{ [world.addressOf(3)]: '4.99' }]);
  const unsigned = await world.ok<Json>('testmempoolaccept', [raw]);
  assert.match(JSON.stringify(unsigned), /"allowed":false,"reject-reason":"tx-witness-malformed"/);
  const signed = await world.ok<{ hex: string }>('signrawtransactionwithkey', raw, [seed(2)]);
  assert.deepEqual({ ...signed, hex: '' }, { hex: '', complete: true, errors: [] });
  const [tried] = await world.ok<Json[]>('testmempoolaccept', [signed.hex]);
  assert.deepEqual([tried!['allowed'], tried!['fees']], [true, { base: '0.01' }]);
  assert.equal(world.world.size, 0);

  const txid = await world.ok<string>('sendrawtransaction', signed.hex);
  assert.equal(txid, tried!['txid']);
  assert.equal(await world.ok('sendrawtransaction', signed.hex), txid);
  assert.equal(await world.ok('getrawtransaction', txid), signed.hex);
  const hash = world.mine([read(signed.hex)]);
  assert.equal(await world.code('sendrawtransaction', signed.hex), RPC_ERROR.alreadyInChain);
  assert.equal(await world.code('getrawtransaction', txid), RPC_ERROR.notFound);
  const found = await world.ok<Json>('getrawtransaction', txid, true, hash);
  assert.deepEqual([found['in_active_chain'], found['confirmations'], found['blockhash']], [true, 1, hash]);
  world.hasTransactionIndex = true;
  assert.equal((await world.ok<Json>('getrawtransaction', txid, 1))['hex'], signed.hex);
});

test('decoderawtransaction tells locks, addresses, amounts as text, and actions', async () => {
  const world = scene();
  const { params } = world.api;
  const coin = world.coin(2, RNT);
  const base58 = encodeBase58Address(params.base58Version, keyHash(keyOf(4)));
  const terms = { type: 'heartbeat', interval: 10, timeout: 1, livenessKey: toHex(keyOf(5)) };
  const raw = await world.ok<string>(
    'createrawtransaction',
    [{ txid: toHex(coin.txid), vout: 0, sequence: 7 }],
    [{ [world.addressOf(3)]: '0.1234567891' }, { [base58]: 0.5 }],
    100,
    [
      { kind: 'heartbeat', terms },
      { kind: 'propose', proposal: 'ab'.repeat(32), refund: world.addressOf(2) },
    ],
  );
  const { hex } = await world.ok<{ hex: string }>('signrawtransactionwithkey', raw, [seed(2), seed(5)]);
  const told = await world.ok<{ vin: Json[]; vout: Json[]; actions: Json[] } & Json>('decoderawtransaction', hex);
  assert.deepEqual([told['locktime'], told['lockedUntil'], told['size']], [100, 100, hex.length / 2]);
  assert.deepEqual(
    told.vout.map(({ n, value, address, policyType }) => [n, value, address, policyType]),
    [
      [0, '0.1234567891', world.addressOf(3), 'emissionReturn'],
      [1, '0.5', base58, 'base58'],
    ],
  );
  assert.deepEqual([told.vin[0]!['minimumAge'], told.vin[0]!['leaf']], [7, `key(${toHex(keyOf(2))})`]);
  assert.deepEqual(told.actions[0]!['terms'], terms);
  assert.deepEqual([told.actions[1]!['kind'], told.actions[1]!['refund']], ['propose', world.addressOf(2)]);
});

test('wrong bytes, ids, addresses and amounts have the codes of Bitcoin Core', async () => {
  const world = scene();
  const hash = 'ab'.repeat(32);
  const input = [{ txid: hash, vout: 0 }];
  const address = world.addressOf(3);
  const wrong: readonly [number, string, ...unknown[]][] = [
    [RPC_ERROR.deserialization, 'decoderawtransaction', '00'],
    [RPC_ERROR.invalidParams, 'decoderawtransaction', 'xy'],
    [RPC_ERROR.deserialization, 'sendrawtransaction', '0100'],
    [RPC_ERROR.deserialization, 'testmempoolaccept', ['0100']],
    [RPC_ERROR.invalidParams, 'testmempoolaccept', []],
    [RPC_ERROR.deserialization, 'submitpackage', ['0100']],
    [RPC_ERROR.notFound, 'getrawtransaction', hash],
    [RPC_ERROR.notFound, 'getrawtransaction', hash, 1, hash],
    [RPC_ERROR.invalidParams, 'getrawtransaction', 'ab'],
    [RPC_ERROR.notFound, 'createrawtransaction', input, [{ nowhere: '1' }]],
    [RPC_ERROR.invalidParams, 'createrawtransaction', [], [{ [address]: '1' }]],
    [RPC_ERROR.invalidParams, 'createrawtransaction', input, [{ [address]: '0.00000000001' }]],
    [RPC_ERROR.invalidParams, 'createrawtransaction', input, [{ [address]: '-1' }]],
    [RPC_ERROR.invalidParams, 'createrawtransaction', input, [{ [address]: '21000001' }]],
    [RPC_ERROR.invalidParams, 'createrawtransaction', input, [{ [address]: 12345678.123456789 }]],
    [RPC_ERROR.invalidParams, 'createrawtransaction', input, [], 0, [{ kind: 'dance' }]],
    [RPC_ERROR.invalidParams, 'signrawtransactionwithkey', '00', ['ab']],
  ];
  for (const [code, method, ...params] of wrong)
    assert.equal(await world.code(method, ...params), code, `${method} ${JSON.stringify(params)}`);
  const unknown = await world.ok<string>('createrawtransaction', input, [{ [address]: '1' }]);
  assert.equal(await world.code('sendrawtransaction', unknown), RPC_ERROR.verify);
  assert.equal(await world.code('signrawtransactionwithkey', unknown, []), RPC_ERROR.verify);
});

test('sendrawtransaction refuses a fee above maxfeerate before anybody sees it, and a bad signature', async () => {
  const world = scene();
  const coin = world.coin(2, 5n * RNT);
  const dear = world.payment(2, coin, RNT);
  assert.equal(await world.code('sendrawtransaction', dear.hex), RPC_ERROR.verify);
  const [tried] = await world.ok<Json[]>('testmempoolaccept', [dear.hex]);
  assert.equal(tried!['reject-reason'], 'max-fee-exceeded');
  assert.equal(world.world.size, 0);
  assert.equal(await world.ok('sendrawtransaction', dear.hex, 0), dear.txid);
  const other = world.payment(2, world.coin(2, 5n * RNT), RNT / 100n);
  const forged = toHex(encode(transactionCodec, withBadSignature(read(other.hex))));
  const answer = await world.ask('sendrawtransaction', forged);
  assert.deepEqual(
    [answer.error?.code, /signature-refused/.test(answer.error?.message ?? '')],
    [RPC_ERROR.rejected, true],
  );
});

test('a pool that does not answer is told as such', async () => {
  const world = new LedgerWorld();
  const submit = () => Promise.reject(new NoAnswerError('The pool did not answer.'));
  const methods = transactionMethods({ ...world.api, submit });
  const { hex } = world.payment(2, world.coin(2, RNT), RNT / 100n);
  const answer = await world.call(methods, 'sendrawtransaction', [hex]);
  assert.deepEqual(answer.error, { code: RPC_ERROR.misc, message: 'The pool did not answer.' });
});

test('a parent that pays too little is taken with a child that pays for both', async () => {
  const world = scene();
  const coin = world.coin(2, 5n * RNT);
  const parent = world.payment(2, coin, 0n);
  const { output } = coin;
  const child = world.payment(2, { txid: fromHex(parent.txid), index: 0, output, height: 0 }, RNT / 100n);
  const alone = await world.ask('sendrawtransaction', parent.hex);
  assert.deepEqual([alone.error?.code, alone.error?.message.split(':')[0]], [RPC_ERROR.rejected, 'fee-too-low']);
  const lonely = await world.ok<Json>('submitpackage', [parent.hex]);
  assert.equal(lonely['package_msg'], 'fee-too-low');
  const sent = await world.ok<{ package_msg: string; 'tx-results': Record<string, Json> }>('submitpackage', [
    parent.hex,
    child.hex,
  ]);
  assert.equal(sent.package_msg, 'success');
  assert.deepEqual(
    Object.values(sent['tx-results']).map(({ txid, fees }) => [txid, fees]),
    [
      [parent.txid, { base: '0' }],
      [child.txid, { base: '0.01' }],
    ],
  );
  assert.equal(world.world.size, 2);
});

test('signing says which inputs no key opens, and signs Base58 outputs given by the caller', async () => {
  const world = scene();
  const { params } = world.api;
  const base58 = encodeBase58Address(params.base58Version, keyHash(keyOf(6)));
  const destination = decodeBase58Address(params, base58);
  assert.ok(destination.ok);
  const [coin] = world.world.fundOutputs(paying(destination.destination, RNT));
  const spent = { txid: toHex(coin!.txid), vout: 0 };
  const raw = await world.ok<string>('createrawtransaction', [spent], [{ [world.addressOf(2)]: '0.99' }]);
  const missing = await world.ok<{ complete: boolean; errors: Json[] }>('signrawtransactionwithkey', raw, [seed(7)]);
  assert.deepEqual([missing.complete, missing.errors[0]!['txid']], [false, spent.txid]);
  const given = [{ ...spent, address: base58, amount: '1' }];
  const { hex } = await world.ok<{ hex: string }>('signrawtransactionwithkey', raw, [seed(6)], given);
  assert.equal(await world.ok('sendrawtransaction', hex), (await world.ok<Json>('decoderawtransaction', hex))['txid']);
  const wrong = [{ ...spent, address: base58, amount: '2' }];
  const other = await world.ok<{ hex: string }>('signrawtransactionwithkey', raw, [seed(6)], wrong);
  assert.notEqual(other.hex, hex);
});
