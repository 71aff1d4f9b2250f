import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { createJob, GivenSecrets, networkFolder, refusalOf, restoreJob, resultOf } from '../testing/signer-run.ts';
import { askEntropy } from './own-entropy.ts';

const rolls = '123456'.repeat(17);
const digits = '000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F';

const asked = (typed: string, source: 'dice' | 'hex'): Promise<Uint8Array> =>
  askEntropy(new GivenSecrets([typed]), source);

test('WAL-94: rolls of a die are hashed, hexadecimal digits are taken as they are', async () => {
  assert.equal(toHex(await asked(rolls, 'dice')), createHash('sha256').update(rolls).digest('hex'));
  assert.deepEqual(await asked(rolls.replaceAll('6', '6 '), 'dice'), await asked(rolls, 'dice'));
  assert.equal(toHex(await asked(digits, 'hex')), digits.toLowerCase());
});

test('too few rolls, other digits and what is no chance are refused', async () => {
  for (const typed of [rolls.slice(0, 99), rolls.replace('1', '0'), rolls.replace('1', '7'), '1'.repeat(200)])
    await assert.rejects(asked(typed, 'dice'), { code: 'bad-entropy' }, typed);
  for (const typed of [digits.slice(2), `${digits}00`, digits.replace('A', 'g'), '0'.repeat(64)])
    await assert.rejects(asked(typed, 'hex'), { code: 'bad-entropy' }, typed);
});

/** A vector of BIP 39's own list (trezor/python-mnemonic, vectors.json). */
const vector = {
  entropy: '68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c',
  words:
    'hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length',
};

test('a wallet of one\u2019s own chance is the wallet of its words', async () => {
  const folder = networkFolder();
  const made = await resultOf(createJob(folder, { entropy: 'hex' }), vector.entropy, 'p');
  const { message } = await refusalOf(restoreJob(folder, { name: 'b', fingerprint: '00000000' }), vector.words);
  assert.match(message, new RegExp(`The fingerprint is ${String(made['fingerprint'])},`));
  assert.equal((await refusalOf(createJob(folder, { name: 'c', entropy: 'dice' }), '123', 'p')).code, 'bad-entropy');
});
