// What a wallet is told by (WAL-6): words with a mistake that the checksum does not find, or another passphrase, make another wallet.

import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';

/** Bytes of a fingerprint; it is shown as eight hexadecimal digits. */
export const FINGERPRINT_LENGTH = 4;

/** First 4 bytes of the tagged hash of the master public key, 32 bytes. */
export function fingerprintOf(masterPublicKey: Uint8Array): Uint8Array {
  return hash(TAG.walletFingerprint, masterPublicKey).slice(0, FINGERPRINT_LENGTH);
}
