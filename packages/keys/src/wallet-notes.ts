// What a wallet's owner wrote and handed out (WAL-18): public, and not on the chain. The node keeps it, the signer seals it into backups, a restore
// hands it back to a node.

import { type Codec, fixedBytes, limited, list, struct } from '@resonancenet/bytes/codec';
import { TAG } from '@resonancenet/crypto/tags';
import {
  type BackupLabel,
  type Contact,
  contactsCodec,
  labelsCodec,
  MAX_BACKUP_ACCOUNTS,
  nextIndexCodec,
} from './backup-content.ts';
import { hardenedIndexCodec } from './derivation-path.ts';
import { ascending, checksummed, magic } from './file-format.ts';
import { FINGERPRINT_LENGTH } from './fingerprint.ts';
import { MAX_SEALED_CONTENT } from './sealed-file.ts';

/** How many addresses of an account were given out, by branch. */
export interface GivenAddresses {
  /** Number of the account, below 2^31. */
  readonly account: number;
  readonly nextReceive: number;
  readonly nextChange: number;
}

export interface WalletNotes {
  /** Of the wallet, 4 bytes (WAL-6). */
  readonly fingerprint: Uint8Array;
  /** Ascending by account. */
  readonly given: readonly GivenAddresses[];
  /** Ascending by the bytes of the subject. */
  readonly labels: readonly BackupLabel[];
  /** Ascending by the bytes of the name. */
  readonly contacts: readonly Contact[];
}

/** Bytes of the longest notes: a backup has to hold them. */
export const MAX_NOTES_LENGTH: number = MAX_SEALED_CONTENT;

const givenCodec: Codec<GivenAddresses> = struct<GivenAddresses>({
  account: hardenedIndexCodec,
  nextReceive: nextIndexCodec,
  nextChange: nextIndexCodec,
});

interface Fields extends WalletNotes {
  readonly magic: null;
}

const fields = struct<Fields>({
  magic: magic('rntn', 1),
  fingerprint: fixedBytes(FINGERPRINT_LENGTH),
  given: ascending(list(givenCodec, { max: MAX_BACKUP_ACCOUNTS }), (a, b) => a.account - b.account),
  labels: labelsCodec,
  contacts: contactsCodec,
});

/** Magic `rntn` and version, then the fields in the order of `WalletNotes`, 8 bytes of checksum. */
export const walletNotesCodec: Codec<WalletNotes> = limited(
  checksummed(TAG.walletNotes, {
    minSize: fields.minSize,
    read: (reader) => {
      const { magic: _, ...notes } = fields.read(reader);
      return notes;
    },
    write: (writer, notes) => fields.write(writer, { magic: null, ...notes }),
  }),
  MAX_NOTES_LENGTH,
);
