// What a backup holds (WAL-15): all that a wallet knows and the chain does not.

import { type Codec, fixedBytes, limited, list, refine, struct, u32, varBytes } from '@resonancenet/bytes/codec';
import { HARDENED_LIMIT, hardenedIndexCodec } from './derivation-path.ts';
import { ascending, magic, shownText } from './file-format.ts';
import { FINGERPRINT_LENGTH } from './fingerprint.ts';
import { type KeyWindow, keyWindowCodec, type WatchedPolicy, watchedPolicyCodec } from './key-window.ts';
import { MAX_SEALED_CONTENT } from './sealed-file.ts';
import { type WalletSecret, walletSecretCodec } from './wallet-secret.ts';

/** An account of the wallet. */
export interface BackupAccount {
  /** Below 2^31. */
  readonly number: number;
  readonly name: string;
  /** With the liveness key, by which a restore sees that the secret and the account belong together. */
  readonly policy: WatchedPolicy;
  /** Indexes below these were given out, by branch. */
  readonly nextReceive: number;
  readonly nextChange: number;
  readonly nextGuardian: number;
  readonly nextRecovery: number;
}

/** What the owner wrote to an address, a transaction or an output. */
export interface BackupLabel {
  /** An address, the hexadecimal id of a transaction, or that with `:` and an index. */
  readonly subject: string;
  readonly text: string;
}

/** An entry of the address book. */
export interface Contact {
  readonly name: string;
  /** An address or a key text. */
  readonly text: string;
}

export interface BackupContent {
  /** Name of the network. */
  readonly network: string;
  /** Of the wallet, 4 bytes: a restore that derives another one has gone wrong. */
  readonly fingerprint: Uint8Array;
  readonly secret: WalletSecret;
  /** No output of the wallet is older. */
  readonly birthHeight: number;
  /** Ascending by number. */
  readonly accounts: readonly BackupAccount[];
  /** Ascending by the bytes of the subject. */
  readonly labels: readonly BackupLabel[];
  /** Ascending by the bytes of the name. */
  readonly contacts: readonly Contact[];
  /** Key windows of accounts of others, whose heir or guardian this wallet is. */
  readonly wards: readonly KeyWindow[];
  /** Backups of channels, opaque here. */
  readonly channels: readonly Uint8Array[];
}

export const MAX_BACKUP_ACCOUNTS = 1_024;
export const MAX_BACKUP_LABELS = 100_000;
export const MAX_BACKUP_CONTACTS = 10_000;
export const MAX_BACKUP_WARDS = 100;
export const MAX_BACKUP_CHANNELS = 10_000;

/** Bytes of UTF-8. */
export const MAX_CONTACT_NAME = 64;
const MAX_NAME: number = MAX_CONTACT_NAME;
const MAX_SUBJECT = 128;
const MAX_TEXT = 256;
const MAX_CHANNEL = 65_536;

/** A number of keys given out: all of them, at most. */
export const nextIndexCodec: Codec<number> = refine(u32, (index) =>
  index <= HARDENED_LIMIT ? null : `${index} keys were given out; a branch has ${HARDENED_LIMIT}`,
);

const accountCodec: Codec<BackupAccount> = struct<BackupAccount>({
  number: hardenedIndexCodec,
  name: shownText(MAX_NAME),
  policy: watchedPolicyCodec,
  nextReceive: nextIndexCodec,
  nextChange: nextIndexCodec,
  nextGuardian: nextIndexCodec,
  nextRecovery: nextIndexCodec,
});

const labelCodec: Codec<BackupLabel> = struct<BackupLabel>({
  subject: shownText(MAX_SUBJECT),
  text: shownText(MAX_TEXT),
});

const contactCodec: Codec<Contact> = struct<Contact>({
  name: shownText(MAX_CONTACT_NAME),
  text: shownText(MAX_SUBJECT),
});

/** Ascending by the bytes of the subject. */
export const labelsCodec: Codec<readonly BackupLabel[]> = ascending(
  list(labelCodec, { max: MAX_BACKUP_LABELS }),
  (a, b) => compareTexts(a.subject, b.subject),
);

/** Ascending by the bytes of the name. */
export const contactsCodec: Codec<readonly Contact[]> = ascending(
  list(contactCodec, { max: MAX_BACKUP_CONTACTS }),
  (a, b) => compareTexts(a.name, b.name),
);

interface Fields extends BackupContent {
  readonly magic: null;
}

const fields: Codec<Fields> = limited(
  struct<Fields>({
    magic: magic('rntb', 1),
    network: shownText(32),
    fingerprint: fixedBytes(FINGERPRINT_LENGTH),
    secret: walletSecretCodec,
    birthHeight: u32,
    accounts: ascending(list(accountCodec, { max: MAX_BACKUP_ACCOUNTS }), (a, b) => a.number - b.number),
    labels: labelsCodec,
    contacts: contactsCodec,
    wards: list(keyWindowCodec, { max: MAX_BACKUP_WARDS }),
    channels: list(varBytes({ max: MAX_CHANNEL }), { max: MAX_BACKUP_CHANNELS }),
  }),
  MAX_SEALED_CONTENT,
);

/** Magic `rntb` and version, then the fields in the order of `BackupContent`. At most 16 MiB. */
export const backupContentCodec: Codec<BackupContent> = {
  minSize: fields.minSize,
  read: (reader) => {
    const { magic: _, ...content } = fields.read(reader);
    return content;
  },
  write: (writer, content) => fields.write(writer, { magic: null, ...content }),
};

/** The order of the texts' UTF-8, which is that of their characters; UTF-16 has those beyond its units before U+E000. */
export function compareTexts(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const difference = rankOf(a.charCodeAt(index)) - rankOf(b.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function rankOf(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x1_0000 : unit;
}
