import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { WalletKeys } from './account-keys.ts';
import { exportKeyWindow } from './export-window.ts';
import { keyWindowCodec, watchedAccount } from './key-window.ts';

const wallet = new WalletKeys(new Uint8Array(64).fill(9), 9_555);
const keys = wallet.account(2);

test('a window has the keys of its indexes and is read as it was written', () => {
  const policy = watchedAccount({ type: 'emissionReturn', blocks: 200_000 }, keys.livenessKey());
  const window = exportKeyWindow(wallet.fingerprint, keys, policy, { first: 5, count: 3 }, { first: 0, count: 1 });
  assert.ok(window !== null);
  assert.deepEqual(window.receive, {
    first: 5,
    publicKeys: [5, 6, 7].map((index) => keys.publicKey('receive', index)),
  });
  assert.deepEqual(window.change, { first: 0, publicKeys: [keys.publicKey('change', 0)] });
  assert.deepEqual([window.account, window.fingerprint], [2, wallet.fingerprint]);
  assert.deepEqual(decode(keyWindowCodec, encode(keyWindowCodec, window)), { ok: true, value: window });
});

test('no window is made for a policy with the liveness key of another account', () => {
  const policy = watchedAccount({ type: 'emissionReturn', blocks: 200_000 }, wallet.account(1).livenessKey());
  assert.equal(exportKeyWindow(wallet.fingerprint, keys, policy, { first: 0, count: 1 }, { first: 0, count: 1 }), null);
});
