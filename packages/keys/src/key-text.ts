// Public keys that people hand each other: of heirs and guardians (WAL-10). A lock id cannot be turned back into a key, so an address will not do.

import { assert } from '@resonancenet/bytes/assert';
import { concatBytes } from '@resonancenet/bytes/compare';
import { bytesToWords, decodeBech32, encodeBech32, wordsToBytes } from '@resonancenet/crypto/bech32';
import { PUBLIC_KEY_LENGTH, signersOf } from '@resonancenet/crypto/ed25519';

export type KeyTextProblem =
  | 'bad-text'
  | 'is-address'
  | 'other-network'
  | 'unknown-version'
  | 'wrong-length'
  | 'bad-padding'
  | 'unsafe-key';

export type KeyTextResult =
  | { readonly ok: true; readonly publicKey: Uint8Array }
  | { readonly ok: false; readonly code: KeyTextProblem; readonly detail: string };

/** The version symbol of the texts that this file knows. */
const KEY_TEXT_VERSION = 0;

/** What follows the address prefix of a network. */
const KEY_MARK = 'k';

/** No text of a key is longer on any network; addresses are read this far too, so that they are told apart. */
const MAX_LENGTH = 120;

/** bech32m of a public key: 64 characters with an address prefix of three, `rntk1...`; 65 with one of four. */
export function encodeKeyText(addressPrefix: string, publicKey: Uint8Array): string {
  assert(publicKey.length === PUBLIC_KEY_LENGTH, `a public key has 32 bytes, not ${publicKey.length}`);
  const words = concatBytes(Uint8Array.of(KEY_TEXT_VERSION), bytesToWords(publicKey));
  return encodeBech32('bech32m', addressPrefix + KEY_MARK, words);
}

/** The public key that a text names, refused if nobody or everybody could sign by it. About 0.3 ms. */
export function decodeKeyText(addressPrefix: string, text: string): KeyTextResult {
  const decoded = decodeBech32('bech32m', text, MAX_LENGTH);
  if (!decoded.ok) return { ok: false, code: 'bad-text', detail: decoded.detail };
  if (decoded.prefix !== addressPrefix + KEY_MARK) return wrongPrefix(addressPrefix, decoded.prefix);
  const [version, ...rest] = decoded.words;
  if (version !== KEY_TEXT_VERSION) {
    const detail = `a key text of version ${version ?? '(none)'}; this program knows ${KEY_TEXT_VERSION}: update it or ask for another`;
    return { ok: false, code: 'unknown-version', detail };
  }
  const publicKey = wordsToBytes(Uint8Array.from(rest));
  if (publicKey === null) {
    return { ok: false, code: 'bad-padding', detail: 'unused bits at the end are set; ask for the text again' };
  }
  if (publicKey.length !== PUBLIC_KEY_LENGTH) {
    const detail = `a key has ${PUBLIC_KEY_LENGTH} bytes, this one ${publicKey.length}: copy the whole text`;
    return { ok: false, code: 'wrong-length', detail };
  }
  return checkSigners(publicKey);
}

function wrongPrefix(addressPrefix: string, found: string): KeyTextResult {
  if (found === addressPrefix) {
    const detail = `this is an address, from which no key can be read; ask for the key text, which begins with ${addressPrefix}${KEY_MARK}1`;
    return { ok: false, code: 'is-address', detail };
  }
  const detail = `the text begins with ${found}; keys of this network begin with ${addressPrefix}${KEY_MARK}: ask for one of this network`;
  return { ok: false, code: 'other-network', detail };
}

function checkSigners(publicKey: Uint8Array): KeyTextResult {
  const signers = signersOf(publicKey);
  if (signers === 'holder') return { ok: true, publicKey };
  const who = signers === 'none' ? 'nobody can sign' : 'everybody can sign';
  return { ok: false, code: 'unsafe-key', detail: `${who} by this key; ask for another` };
}
