import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import type fc from 'fast-check';
import { backupContents } from './testing/arbitraries.ts';
import { type WalletNotes, walletNotesCodec } from './wallet-notes.ts';

/** The bytes and their checksum. */
function sealed(hex: string): string {
  const body = fromHex(hex.replaceAll(/\s/g, ''));
  return toHex(body) + toHex(hash(TAG.walletNotes, body).subarray(0, 8));
}

const notes: fc.Arbitrary<WalletNotes> = backupContents.map(({ fingerprint, accounts, labels, contacts }) => ({
  fingerprint,
  given: accounts.map(({ number, nextReceive, nextChange }) => ({ account: number, nextReceive, nextChange })),
  labels,
  contacts,
}));

const head = '726e746e 01 01020304';
const given = '05000000 03000000 02000000';

codecSuite('notes of a wallet (WAL-18)', walletNotesCodec, {
  values: notes,
  vectors: [
    {
      name: 'one of each',
      value: {
        fingerprint: fromHex('01020304'),
        given: [{ account: 5, nextReceive: 3, nextChange: 2 }],
        labels: [{ subject: 'a', text: 'b' }],
        contacts: [{ name: 'c', text: 'd' }],
      },
      hex: sealed(`${head} 01 ${given} 01 0161 0162 01 0163 0164`),
    },
  ],
  refused: [
    { name: 'another magic', hex: sealed('726e7462 01 01020304 00 00 00'), reason: 'invalid-value', path: 'magic' },
    { name: 'an account twice', hex: sealed(`${head} 02 ${given} ${given} 00 00`), reason: 'invalid-value' },
    { name: 'a name twice', hex: sealed(`${head} 00 00 02 0163 0164 0163 0165`), reason: 'invalid-value' },
    { name: 'another checksum', hex: `${head.replaceAll(' ', '')}000000${'00'.repeat(8)}`, reason: 'invalid-value' },
  ],
});
