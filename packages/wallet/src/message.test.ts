import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { keyHash } from '@resonancenet/primitives/address';
import type { Leaf } from '@resonancenet/primitives/condition';
import type { Destination } from '@resonancenet/primitives/destination';
import { leafBranch, lockIdOf } from '@resonancenet/primitives/lock';
import { base58PolicyId } from '@resonancenet/primitives/policy';
import { encodeKeyHashWitness, encodeLockWitness } from '@resonancenet/primitives/witness';
import { hashOfLeaf } from '@resonancenet/keys/account-policy';
import { toHex } from '@resonancenet/bytes/hex';
import { checkMessage, MAX_MESSAGE_BYTES, messageDigest, ownMessageDigest, ownMessageProof } from './message.ts';
import { accountKinds, guardianKeys, namedKey, signAs } from './testing/test-wallet.ts';

const genesisId = new Uint8Array(32).fill(0x6e);
const text = 'I own this, ☂.';

function outcome(destination: Destination, message: string, proof: string, genesis = genesisId): string {
  const result = checkMessage(genesis, destination, message, proof);
  return result.ok ? 'valid' : result.code;
}

test('WAL-60: a text signed with the key of an address is checked against text, address and network', () => {
  for (const kind of ['emissionReturn', 'heartbeat', 'social'] as const) {
    const account = accountKinds[kind]('a');
    const destination = account.destination('receive', 2)!;
    const place = account.placeOf(destination.lockId)!;
    const proof = ownMessageProof(place, signAs(place.publicKey, ownMessageDigest(genesisId, place, text)!));
    assert.equal(outcome(destination, text, proof), 'valid');
    assert.equal(outcome(destination, `${text} `, proof), 'invalid-signature');
    assert.equal(outcome(destination, text, proof, new Uint8Array(32)), 'invalid-signature');
    assert.equal(outcome(account.destination('receive', 3)!, text, proof), 'wrong-address');
    const policyId = accountKinds.heartbeat('b').policyId;
    assert.equal(outcome({ ...destination, policyId }, text, proof), 'invalid-signature', 'the policy is signed too');
    assert.equal(outcome(destination, text, proof.toUpperCase()), 'malformed');
    assert.equal(outcome(destination, text, proof.slice(2)), 'malformed');
    assert.equal(outcome(destination, text, `${proof}00`), 'malformed');
    for (let at = 0; at < proof.length; at += 2) {
      const digit = proof[at] === '0' ? '1' : '0';
      assert.notEqual(outcome(destination, text, `${proof.slice(0, at)}${digit}${proof.slice(at + 1)}`), 'valid');
    }
  }
});

test('the key of a Base58 address signs too, and so does a quorum', () => {
  const key = namedKey('w');
  const lockId = new Uint8Array(24);
  lockId.set(keyHash(key));
  const destination = { lockId, policyId: base58PolicyId(regtest.recovery) };
  const digest = messageDigest(genesisId, destination, new Uint8Array(32), text)!;
  const proof = (publicKey: Uint8Array) =>
    toHex(encodeKeyHashWitness({ publicKey, flag: 1, signature: signAs(publicKey, digest) }));
  assert.equal(outcome(destination, text, proof(key)), 'valid');
  assert.equal(outcome(destination, text, proof(namedKey('x'))), 'wrong-address');
  const publicKeys = guardianKeys();
  const leaves: Leaf[] = [[{ kind: 'threshold', required: 2, publicKeys }]];
  const shared = { lockId: lockIdOf(leaves), policyId: accountKinds.social('a').policyId };
  const both = messageDigest(genesisId, shared, hashOfLeaf(leaves[0]!), text)!;
  const quorum = (second: Uint8Array) => {
    const signatures = [
      { key: 0, flag: 1 as const, signature: signAs(publicKeys[0]!, both) },
      { key: 2, flag: 1 as const, signature: signAs(second, both) },
    ];
    return toHex(
      encodeLockWitness({
        leaf: leaves[0]!,
        index: 0,
        count: 1,
        branch: [],
        satisfactions: [{ kind: 'threshold', signatures }],
      }),
    );
  };
  assert.equal(outcome(shared, text, quorum(publicKeys[2]!)), 'valid');
  assert.equal(outcome(shared, text, quorum(publicKeys[1]!)), 'invalid-signature');
});

test('a leaf that may not open yet proves nothing', () => {
  const leaves: Leaf[] = [[{ kind: 'key', publicKey: namedKey('x') }], [{ kind: 'idle' }]];
  const destination = { lockId: lockIdOf(leaves), policyId: accountKinds.heartbeat('a').policyId };
  const witness = encodeLockWitness({
    leaf: leaves[1]!,
    index: 1,
    count: 2,
    branch: leafBranch(leaves, 1),
    satisfactions: [{ kind: 'none' }],
  });
  assert.equal(outcome(destination, text, toHex(witness)), 'not-plain');
});

test('texts are bounded and well-formed', () => {
  const account = accountKinds.heartbeat('a');
  const destination = account.destination('receive', 0)!;
  const digest = (message: string) => messageDigest(genesisId, destination, new Uint8Array(32), message);
  assert.notEqual(digest('a'.repeat(MAX_MESSAGE_BYTES)), null);
  assert.equal(digest('a'.repeat(MAX_MESSAGE_BYTES + 1)), null);
  assert.equal(digest('é'.repeat(MAX_MESSAGE_BYTES / 2 + 1)), null);
  assert.equal(digest('\ud800'), null);
  assert.equal(outcome(destination, '\ud800', '00'), 'bad-text');
});
