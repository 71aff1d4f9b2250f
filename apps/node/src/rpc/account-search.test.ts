import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { watchedPolicyCodec } from '@resonancenet/keys/key-window';
import { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { keyNamed, recordAccount } from '../wallet/testing/wallet-world.ts';
import { RpcWalletWorld } from './testing/rpc-wallet-world.ts';

interface State {
  readonly search: string;
  readonly phase: string;
  readonly height: number;
  readonly blocked: string | null;
  readonly accounts: readonly { readonly account: number; readonly kind: string; readonly policy?: string }[];
}

/** What a signer derives from words, for account 0 and 1. */
const candidates = [0, 1].map((number) => {
  const { receive, change } = recordAccount('lost', number, 5);
  const joined = (keys: readonly Uint8Array[]): string => keys.map(toHex).join('');
  const livenessKey = toHex(keyNamed(`lost/${number}/liveness`));
  return { account: number, livenessKey, receive: joined(receive), change: joined(change) };
});
const params = { fingerprint: '01020304', candidates };

function destination(index: number) {
  const { policy, receive } = recordAccount('lost', 1, 5);
  const ranges = [{ branch: 'receive', first: 0, publicKeys: receive }] as const;
  const account = new WalletAccount({ number: 1, fingerprint: fromHex('01020304'), ...policy, ranges });
  return account.destination('receive', index)!;
}

async function done(world: RpcWalletWorld, search: string): Promise<State> {
  for (;;) {
    const state = await world.result<State>('getaccountsearch', [search]);
    if (state.phase === 'done' || state.blocked !== null) return state;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('WAL-80: the node finds the policy of an account by its keys, and goes on where a stop has cut it off', async (context) => {
  const world = new RpcWalletWorld();
  context.after(() => world.close());
  for (let more = 0; more < 50; more++) world.chain.mine();
  world.chain.mine(destination(3));
  const { search } = await world.result<State>('searchaccounts', params);
  const found = await done(world, search);
  assert.deepEqual(
    found.accounts.map(({ account, kind }) => [account, kind]),
    [
      [0, 'nothing'],
      [1, 'found'],
    ],
  );
  const policy = decode(watchedPolicyCodec, fromHex(found.accounts[1]!.policy!));
  assert.deepEqual(policy, { ok: true, value: recordAccount('lost', 1, 1).policy });
  await world.restart();
  const before = world.chain.reads;
  world.chain.mine();
  assert.equal((await world.result<State>('searchaccounts', params)).search, search, 'the same has one name');
  assert.equal((await done(world, search)).accounts[1]!.kind, 'found');
  assert.equal(world.chain.reads, before + 1, 'blocks are not read twice');
  assert.equal(await world.result('stopaccountsearch', [search]), null);
  assert.deepEqual(readdirSync(join(world.folder, 'wallets')), []);
  assert.match((await world.refusal('getaccountsearch', [search])).join(), /There is no search/);
});

test('a search says which block is missing, and refuses keys that are none', async (context) => {
  const world = new RpcWalletWorld();
  context.after(() => world.close());
  for (let more = 0; more < 3; more++) world.chain.mine();
  world.chain.forget(2);
  const { search } = await world.result<State>('searchaccounts', { ...params, birthheight: 2 });
  assert.match((await done(world, search)).blocked ?? '', /block 2 are not here/);
  const [first] = candidates;
  assert.match((await world.refusal('searchaccounts', ['01020304', [first, first]])).join(), /there twice/);
  const short = { ...first, receive: 'ab' };
  assert.match((await world.refusal('searchaccounts', ['01020304', [short]])).join(), /keys of 64/);
});
