import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { keyLockId, lockIdOf } from '@resonancenet/primitives/lock';
import { destinationProblem } from '@resonancenet/primitives/destination';
import { accountKinds, guardianKeys, namedKey, returnPolicy, testAccount } from './testing/test-wallet.ts';
import { guardiansLeaf, heirLeaf, ownLeaf } from './wallet-account.ts';
import { WalletAccounts } from './wallet-accounts.ts';

test('WAL-21: the locks of an account are those of its leaves, and payable', () => {
  const key = namedKey('a/0/receive/3');
  const returning = accountKinds.emissionReturn('a').destination('receive', 3)!;
  assert.deepEqual(returning.lockId, keyLockId(key));
  const heartbeat = accountKinds.heartbeat('a').destination('receive', 3)!;
  assert.deepEqual(heartbeat.lockId, lockIdOf([ownLeaf(key), heirLeaf(namedKey('heir'))]));
  const social = accountKinds.social('a').destination('receive', 3)!;
  assert.deepEqual(social.lockId, lockIdOf([ownLeaf(key), guardiansLeaf({ required: 2, guardians: guardianKeys() })]));
  for (const destination of [returning, heartbeat, social])
    assert.equal(destinationProblem(destination, regtest.recovery), null);
});

test('WAL-22: an output is an account’s only if lock and policy are', () => {
  const [a, b] = [accountKinds.emissionReturn('a'), accountKinds.emissionReturn('b')];
  const accounts = new WalletAccounts([a]);
  const own = a.destination('change', 7)!;
  assert.deepEqual([accounts.placeOf(own)?.branch, accounts.placeOf(own)?.index], ['change', 7]);
  assert.equal(accounts.placeOf({ ...own, policyId: b.policyId }), null, 'the lock under another policy');
  assert.equal(accounts.placeOf({ ...own, lockId: b.destination('change', 7)!.lockId }), null, 'another lock');
});

test('keys go on where they end: beyond them there is no address, and holes are refused', () => {
  const account = testAccount('a', 0, returnPolicy, null, 5);
  assert.equal(account.windowEnd('receive'), 5);
  assert.equal(account.destination('receive', 5), null);
  const key = namedKey('a/0/receive/5');
  assert.throws(() => account.addRange({ branch: 'receive', first: 6, publicKeys: [key] }), /hole/);
  assert.throws(() => account.addRange({ branch: 'receive', first: 4, publicKeys: [key] }), /another/);
  account.addRange({ branch: 'receive', first: 4, publicKeys: [namedKey('a/0/receive/4'), key] });
  assert.equal(account.placeOf(account.destination('receive', 5)!.lockId)?.index, 5);
});
