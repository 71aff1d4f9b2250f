import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure, assert as assertOwn } from './assert.ts';
import { type Codec, u16, u8, varBytes } from './codec.ts';
import { decode, decodeLent } from './decode.ts';
import { DECODE_REASONS, DecodeError } from './decode-error.ts';

test('decode() returns the value of exactly one encoding', () => {
  assert.deepEqual(decode(u16, Uint8Array.of(1, 2)), { ok: true, value: 0x0201 });
});

test('decode() returns an error for truncated and for trailing bytes', () => {
  const short = decode(u16, Uint8Array.of(1));
  assert.equal(short.ok, false);
  assert.equal(short.error.reason, 'truncated');
  const long = decode(u16, Uint8Array.of(1, 2, 3));
  assert.equal(long.ok, false);
  assert.equal(long.error.reason, 'trailing-bytes');
  assert.equal(long.error.offset, 2);
});

test('decode() lets our own bugs through', () => {
  const broken: Codec<number> = {
    ...u8,
    read: () => {
      assertOwn(false, 'a bug');
      return 0;
    },
  };
  assert.throws(() => decode(broken, Uint8Array.of(1)), new AssertionFailure('a bug'));
});

test('every reason explains itself in words', () => {
  assert.ok(DECODE_REASONS.length >= 11);
  for (const reason of DECODE_REASONS) {
    const { message } = new DecodeError(reason, 7, 'field');
    assert.ok(message.startsWith(`${reason} (field at 7): `) && message.includes(';'), message);
  }
});

test('DecodeError.within builds the path from the inside out', () => {
  const error = new DecodeError('truncated', 3).within('amount').within('[2]').within('outputs');
  assert.equal(error.path, 'outputs[2].amount');
  assert.equal(error.offset, 3);
  assert.equal(error.within('[0]').path, '[0].outputs[2].amount');
});

test('what is lent is part of the input, and refused where a copy would be', () => {
  const input = Uint8Array.of(2, 7, 8);
  const lent = decodeLent(varBytes(), input);
  const copied = decode(varBytes(), input);
  input[1] = 9;
  assert.deepEqual(lent.ok && [...lent.value], [9, 8]);
  assert.deepEqual(copied.ok && [...copied.value], [7, 8]);
  assert.equal(decodeLent(varBytes(), Uint8Array.of(3, 7, 8)).ok, false);
  assert.equal(decodeLent(varBytes(), Uint8Array.of(1, 7, 8)).ok, false);
});
