import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { concatBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { dvalBytes } from '@resonancenet/params/dval';
import { mainnet } from '@resonancenet/params/mainnet';
import fc from 'fast-check';
import { ACTION_KIND, type ActionContent, decodeAction, encodeAction } from './action-content.ts';
import type { SocialTerms } from './policy-terms.ts';
import { actionContents } from './testing/arbitraries.ts';
import { type Action, MAX_ACTION_LENGTH, MAX_WITNESS_LENGTH, transactionCodec } from './transaction.ts';

const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const hex = (byte: string, length = 32): string => byte.repeat(length);
const compact = (text: string): Uint8Array => fromHex(text.replaceAll(/\s/g, ''));
const action = (kind: number, data: string, witness: string): Action => ({
  kind,
  data: compact(data),
  witness: compact(witness),
});

const destination = { lockId: fill(0xd1, 24), policyId: fill(0xd2, 24) };
const terms: SocialTerms = {
  type: 'social',
  wait: 1_000,
  livenessKey: fill(0xaa),
  required: 2,
  guardians: [fill(1), fill(2), fill(3)],
};
const announcement: ActionContent = {
  kind: 'announce',
  terms,
  destination,
  signatures: [
    { guardian: 0, signature: fill(0x51, 64) },
    { guardian: 2, signature: fill(0x53, 64) },
  ],
};

const heartbeatTerms = `102700 e80300 ${hex('aa')}`;
const socialTerms = `e80300 ${hex('aa')} 02 03 ${hex('01')}${hex('02')}${hex('03')}`;
const pay = `${hex('d1', 24)} ${hex('d2', 24)}`;
const signature = hex('5a', 64);

const vectors: readonly [name: string, content: ActionContent, action: Action][] = [
  [
    'heartbeat of a heartbeat policy (LED-13)',
    {
      kind: 'heartbeat',
      terms: { type: 'heartbeat', interval: 10_000, timeout: 1_000, livenessKey: fill(0xaa) },
      signature: fill(0x5a, 64),
    },
    action(1, `01 ${heartbeatTerms}`, signature),
  ],
  [
    'heartbeat of a social policy',
    { kind: 'heartbeat', terms, signature: fill(0x5a, 64) },
    action(1, `02 ${socialTerms}`, signature),
  ],
  [
    'heartbeat of an emission-return policy',
    {
      kind: 'heartbeat',
      terms: { type: 'emissionReturn', blocks: 200_000, livenessKey: fill(0xaa) },
      signature: fill(0x5a, 64),
    },
    action(1, `03 400d03 ${hex('aa')}`, signature),
  ],
  [
    'announcement (LED-16)',
    announcement,
    action(2, `${socialTerms} ${pay}`, `00 ${hex('51', 64)} 02 ${hex('53', 64)}`),
  ],
  [
    'proposal (LED-24)',
    { kind: 'propose', proposal: fill(0xee), refund: destination },
    action(0x10, `${hex('ee')} ${pay}`, ''),
  ],
  [
    'reveal (LED-25)',
    { kind: 'reveal', salt: fill(0xef), shard: Uint8Array.of(1, 2, 3) },
    action(0x11, `${hex('ef')} 010203`, ''),
  ],
  ['reveal of nothing', { kind: 'reveal', salt: fill(0xef), shard: fill(0, 0) }, action(0x11, hex('ef'), '')],
];

for (const [name, content, written] of vectors) {
  test(`encodes and decodes: ${name}`, () => {
    assert.deepEqual(encodeAction(content), written);
    assert.deepEqual(decodeAction(written), { ok: true, content });
  });

  test(`refuses every truncation of data and witness, and a byte too many: ${name}`, () => {
    const refuses = (data: Uint8Array, witness: Uint8Array): void => {
      assert.equal(decodeAction({ ...written, data, witness }).ok, false, `${data.length} and ${witness.length} bytes`);
    };
    // Whatever follows the salt of a reveal is its shard: how long it must be, the network says.
    const shortest = content.kind === 'reveal' ? 32 : written.data.length;
    for (let length = 0; length < shortest; length++) refuses(written.data.subarray(0, length), written.witness);
    for (let length = 0; length < written.witness.length; length++) {
      refuses(written.data, written.witness.subarray(0, length));
    }
    refuses(written.data, concatBytes(written.witness, fill(0, 1)));
    if (content.kind !== 'reveal') refuses(concatBytes(written.data, fill(0, 1)), written.witness);
  });
}

test('actions come back as they were written', () => {
  fc.assert(
    fc.property(actionContents, (content) => {
      assert.deepEqual(decodeAction(encodeAction(content)), { ok: true, content: structuredClone(content) });
    }),
  );
});

test('an action has one form: whatever damaged bytes decode encodes to the same bytes', () => {
  const damage = (bytes: Uint8Array, place: number, byte: number): Uint8Array => {
    const changed = bytes.slice();
    if (changed.length > 0) changed[place % changed.length] = byte;
    return changed;
  };
  fc.assert(
    fc.property(
      actionContents,
      fc.nat(),
      fc.nat(255),
      fc.constantFrom(1, 2, 0x10, 0x11),
      (content, place, byte, kind) => {
        const { data, witness } = encodeAction(content);
        const changed = { kind, data: damage(data, place, byte), witness: damage(witness, place, byte) };
        const result = decodeAction(changed);
        if (result.ok) assert.deepEqual(encodeAction(result.content), changed);
      },
    ),
    { numRuns: 500 },
  );
});

test('no other kind exists', () => {
  const known = new Set<number>(Object.values(ACTION_KIND));
  for (let kind = 0; kind < 256; kind++) {
    if (known.has(kind)) continue;
    const result = decodeAction({ kind, data: fill(0, 100), witness: fill(0, 64) });
    assert.equal(result.ok, false);
    assert.match(
      result.detail,
      new RegExp(`an action of kind ${kind}; use one of 1 \\(heartbeat\\), 2 \\(announce\\)`),
    );
  }
});

const refused: readonly [why: string, action: Action, detail: RegExp][] = [
  ['policy type 0', action(1, `00 ${heartbeatTerms}`, signature), /invalid-value \(data at 0\): a policy of type 0/],
  ['the Base58 policy', action(1, '04', signature), /a policy of type 4 has no terms; use 1, 2 or 3/],
  ['the channel policy', action(1, '05', signature), /a policy of type 5 has no terms/],
  ['a signature of 65 bytes', action(1, `01 ${heartbeatTerms}`, `${signature}00`), /trailing-bytes \(witness at 64\)/],
  ['too many terms', action(1, `01 ${heartbeatTerms}00`, signature), /trailing-bytes \(data at 39\)/],
  [
    'guardians in descending order',
    action(2, `${socialTerms} ${pay}`, `02 ${hex('53', 64)} 00 ${hex('51', 64)}`),
    /invalid-value \(witness at 65\): a signature by key 0; the next may be by 3 to 2/,
  ],
  [
    'a guardian twice',
    action(2, `${socialTerms} ${pay}`, `01 ${hex('53', 64)} 01 ${hex('53', 64)}`),
    /a signature by key 1; the next may be by 2 to 2/,
  ],
  [
    'a guardian whom the terms do not have',
    action(2, `${socialTerms} ${pay}`, `01 ${hex('53', 64)} 03 ${hex('53', 64)}`),
    /a signature by key 3/,
  ],
  [
    'three guardians where two are required',
    action(2, `${socialTerms} ${pay}`, `00 ${signature} 01 ${signature} 02 ${signature}`),
    /trailing-bytes \(witness at 130\)/,
  ],
  ['terms of no guardians', action(2, `e80300 ${hex('aa')} 00 00 ${pay}`, ''), /count-out-of-bounds \(data/],
  ['a signed proposal', action(0x10, `${hex('ee')} ${pay}`, signature), /trailing-bytes \(witness at 0\)/],
  ['a signed reveal', action(0x11, hex('ee'), '00'), /trailing-bytes \(witness at 0\)/],
];

for (const [why, bad, detail] of refused) {
  test(`refuses: ${why}`, () => {
    const result = decodeAction(bad);
    assert.equal(result.ok, false);
    assert.match(result.detail, detail);
  });
}

test('a whole validation set of mainnet and sixteen guardians fit their limits (BLK-10)', () => {
  const reveal = encodeAction({ kind: 'reveal', salt: fill(1), shard: new Uint8Array(dvalBytes(mainnet)) });
  const guardians = Array.from({ length: 16 }, (_, index) => fill(index));
  const announce = encodeAction({
    kind: 'announce',
    terms: { ...terms, required: 16, guardians },
    destination,
    signatures: guardians.map((_, guardian) => ({ guardian, signature: fill(0, 64) })),
  });
  assert.equal(announce.witness.length, 16 * 65);
  assert.ok(announce.witness.length <= MAX_WITNESS_LENGTH);
  const input = { outpoint: { txid: fill(0), index: 0 }, sequence: 0, witness: fill(0, 0) };
  const transaction = { version: 1, inputs: [input], outputs: [], actions: [reveal, announce], lockTime: 0 };
  const bytes = encode(transactionCodec, transaction);
  assert.ok(bytes.length <= mainnet.maxTransactionBytes);
  assert.deepEqual(decode(transactionCodec, bytes), { ok: true, value: transaction });
});

test('a reveal longer than an action is our own mistake', () => {
  const reveal = (length: number): Action =>
    encodeAction({ kind: 'reveal', salt: fill(1), shard: new Uint8Array(length) });
  assert.equal(reveal(MAX_ACTION_LENGTH - 32).data.length, MAX_ACTION_LENGTH);
  assert.throws(() => reveal(MAX_ACTION_LENGTH - 31), AssertionFailure);
});

test('what decoding gives does not change with the bytes it was given', () => {
  const written = encodeAction(announcement);
  const result = decodeAction(written);
  written.data.fill(0);
  written.witness.fill(0);
  assert.ok(result.ok && result.content.kind === 'announce');
  assert.equal(toHex(result.content.destination.lockId), hex('d1', 24));
  assert.equal(toHex(result.content.signatures[0]!.signature), hex('51', 64));
});
