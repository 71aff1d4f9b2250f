import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import fc from 'fast-check';
import { type KeyWindow, watchedPolicy } from './key-window.ts';
import { keyWindows } from './testing/arbitraries.ts';
import { type WalletRecord, walletRecordCodec, withKeyWindow } from './wallet-record.ts';

const bytes = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);

/** The bytes and their checksum. */
function sealed(hex: string): string {
  const body = fromHex(hex.replaceAll(/\s/g, ''));
  return toHex(body) + toHex(hash(TAG.walletRecord, body).subarray(0, 8));
}

const policy = watchedPolicy({ type: 'emissionReturn', blocks: 200_000, livenessKey: bytes(0xaa) }, null);
const record: WalletRecord = {
  name: 'main',
  networkId: bytes(0x11),
  fingerprint: fromHex('01020304'),
  birthHeight: 7,
  accounts: [{ number: 5, name: 'a', policy, receive: [bytes(0xb1), bytes(0xb2)], change: [] }],
};
const window: KeyWindow = {
  fingerprint: record.fingerprint,
  account: 5,
  ...policy,
  receive: { first: 1, publicKeys: [bytes(0xb2), bytes(0xb3)] },
  change: { first: 0, publicKeys: [bytes(0xc1)] },
};

const records: fc.Arbitrary<WalletRecord> = fc
  .record({
    name: fc.constantFrom('main', '2', 'a_B-9'),
    networkId: fc.constant(bytes(3)),
    fingerprint: fc.constant(bytes(4, 4)),
    birthHeight: fc.nat(2 ** 32 - 1),
    accounts: fc.uniqueArray(keyWindows, { minLength: 1, maxLength: 3, selector: ({ account }) => account }),
  })
  .map(({ accounts, ...rest }) => ({
    ...rest,
    accounts: accounts
      .map(({ account, terms, siblingHash, recoveryKey, receive, change }) => ({
        number: account,
        name: 'Ersparnisse ü',
        policy: { terms, siblingHash, recoveryKey },
        receive: receive.publicKeys,
        change: change.publicKeys,
      }))
      .sort((a, b) => a.number - b.number),
  }));

const head = `726e7476 01 04 6d61696e ${'11'.repeat(32)} 01020304 07000000`;
const account = (number: string): string =>
  `${number}000000 01 61 03 400d03 ${'aa'.repeat(32)} 02 ${'b1'.repeat(32)} ${'b2'.repeat(32)} 00`;

codecSuite('wallet record (WAL-17)', walletRecordCodec, {
  values: records,
  vectors: [{ name: 'one account', value: record, hex: sealed(`${head} 01 ${account('05')}`) }],
  refused: [
    { name: 'another magic', hex: sealed('726e7470 01 00'), reason: 'invalid-value', path: 'magic' },
    { name: 'another version', hex: sealed('726e7476 02 00'), reason: 'invalid-value', path: 'magic' },
    { name: 'no account', hex: sealed(`${head} 00`), reason: 'count-out-of-bounds', path: 'accounts' },
    { name: 'an account twice', hex: sealed(`${head} 02 ${account('05')} ${account('05')}`), reason: 'invalid-value' },
    {
      name: 'a name that leads out of its folder',
      hex: sealed(`726e7476 01 02 2e2e ${'11'.repeat(32)}`),
      reason: 'invalid-value',
      path: 'name',
    },
    {
      name: 'another checksum',
      hex: `${toHex(encode(walletRecordCodec, record)).slice(0, -2)}00`,
      reason: 'invalid-value',
    },
  ],
});

test('a window adds the keys that are new, and an account that is new', () => {
  const longer = withKeyWindow(record, window);
  assert.ok(longer.ok);
  assert.deepEqual(longer.record.accounts[0]!.receive, [bytes(0xb1), bytes(0xb2), bytes(0xb3)]);
  assert.deepEqual(longer.record.accounts[0]!.change, [bytes(0xc1)]);
  const second = withKeyWindow(record, { ...window, account: 2, receive: { first: 0, publicKeys: [] } }, 'savings');
  assert.ok(second.ok);
  assert.deepEqual(
    second.record.accounts.map(({ number, name }) => [number, name]),
    [
      [2, 'savings'],
      [5, 'a'],
    ],
  );
});

test('a window of another wallet, with another policy, a hole or another key is refused', () => {
  const code = (change: Partial<KeyWindow>): string => {
    const result = withKeyWindow(record, { ...window, ...change });
    return result.ok ? 'ok' : result.code;
  };
  assert.equal(code({}), 'ok');
  assert.equal(code({ fingerprint: bytes(9, 4) }), 'other-wallet');
  assert.equal(code({ terms: { type: 'emissionReturn', blocks: 200_001, livenessKey: bytes(0xaa) } }), 'other-policy');
  assert.equal(code({ receive: { first: 2, publicKeys: [bytes(0xb3)] } }), 'ok');
  assert.equal(code({ receive: { first: 3, publicKeys: [bytes(0xb3)] } }), 'hole');
  assert.equal(code({ receive: { first: 1, publicKeys: [bytes(0xb9)] } }), 'other-keys');
});
