import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeatLeaf, ownerLeaf, socialLeaf } from '@resonancenet/keys/account-policy';
import { regtest } from '@resonancenet/params/regtest';
import { keyLockId, lockIdOf } from '@resonancenet/primitives/lock';
import { destinationProblem } from '@resonancenet/primitives/destination';
import { accountKinds, guardianKeys, namedKey, returnPolicy, testAccount, testWindow } from './testing/test-wallet.ts';
import { WalletAccounts } from './wallet-accounts.ts';

test('WAL-9: the locks of an account are those of its leaves, and payable', () => {
  const key = namedKey('a/0/receive/3');
  const returning = accountKinds.emissionReturn('a').destination('receive', 3)!;
  assert.deepEqual(returning.lockId, keyLockId(key));
  const heartbeat = accountKinds.heartbeat('a').destination('receive', 3)!;
  assert.deepEqual(heartbeat.lockId, lockIdOf([ownerLeaf(key), heartbeatLeaf(namedKey('heir'))]));
  const social = accountKinds.social('a').destination('receive', 3)!;
  assert.deepEqual(social.lockId, lockIdOf([ownerLeaf(key), socialLeaf({ required: 2, guardians: guardianKeys() })]));
  for (const destination of [returning, heartbeat, social])
    assert.equal(destinationProblem(destination, regtest.recovery), null);
});

test('WAL-21: an output is an account’s only if lock and policy are', () => {
  const [a, b] = [accountKinds.emissionReturn('a'), accountKinds.emissionReturn('b')];
  const accounts = new WalletAccounts([a]);
  const own = a.destination('change', 7)!;
  assert.deepEqual([accounts.placeOf(own)?.branch, accounts.placeOf(own)?.index], ['change', 7]);
  assert.equal(accounts.placeOf({ ...own, policyId: b.policyId }), null, 'the lock under another policy');
  assert.equal(a.placeOfOutput({ ...own, policyId: b.policyId }), null);
  assert.equal(a.placeOfOutput(own)?.index, 7);
  assert.equal(accounts.placeOf({ ...own, lockId: b.destination('change', 7)!.lockId }), null, 'another lock');
});

test('keys go on where they end: beyond them there is no address, and what does not fit is refused', () => {
  const account = testAccount('a', 0, returnPolicy, 5);
  assert.equal(account.windowEnd('receive'), 5);
  assert.equal(account.destination('receive', 5), null);
  const keys = testWindow('a', 0, returnPolicy, 6).receive.publicKeys.slice(4);
  assert.throws(() => account.addRange({ branch: 'receive', first: 6, publicKeys: keys }), /hole/);
  assert.throws(() => account.addRange({ branch: 'receive', first: 3, publicKeys: keys }), /another/);
  account.addRange({ branch: 'receive', first: 4, publicKeys: keys });
  assert.equal(account.placeOf(account.destination('receive', 5)!.lockId)?.index, 5);
});
