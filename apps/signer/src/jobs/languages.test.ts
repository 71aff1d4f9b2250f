import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromUtf8 } from '@resonancenet/bytes/utf8';
import { mnemonicPhrase } from '@resonancenet/keys/mnemonic';
import { MNEMONIC_LANGUAGES } from '@resonancenet/keys/word-lists';
import { networkFolder, refusalOf, restoreJob } from '../testing/signer-run.ts';

/** Words of each language; the fingerprint that they give is told by refusing another one, before anything is sealed. */
test('words of every language make a wallet, with the language named or found, and with their passphrase another one', async () => {
  const folder = networkFolder();
  const entropy = Uint8Array.from({ length: 32 }, (_, index) => 7 * index + 3);
  const fingerprints = new Set<string>();
  for (const language of MNEMONIC_LANGUAGES) {
    const words = fromUtf8(mnemonicPhrase({ language, entropy }));
    const of = async (change: Parameters<typeof restoreJob>[1], ...secrets: string[]): Promise<string> => {
      const { code, message } = await refusalOf(restoreJob(folder, { fingerprint: '00000000', ...change }), ...secrets);
      assert.equal(code, 'other-wallet', `${language}: ${message}`);
      return /The fingerprint is ([0-9a-f]{8})/.exec(message)![1]!;
    };
    const named = await of({ language }, words);
    assert.equal(await of({}, words), named, language);
    fingerprints.add(named).add(await of({ language, wordsPassphrase: true }, words, 'TREZOR'));
    const [first, second, ...others] = words.split(/[ \u3000]/);
    const swapped = [second, first, ...others].join(' ');
    const { code } = await refusalOf(restoreJob(folder, { language }), swapped, 'p');
    assert.equal(code, 'bad-words', language);
  }
  // The words are the seed: each language gives a wallet of its own.
  assert.equal(fingerprints.size, 2 * MNEMONIC_LANGUAGES.length);
});
