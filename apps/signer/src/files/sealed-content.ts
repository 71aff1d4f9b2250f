// Sealing and opening what a wallet knows: its own file and backups hold the same (WAL-15), under different kinds.

import { randomBytes } from 'node:crypto';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { type BackupContent, backupContentCodec } from '@resonancenet/keys/backup-content';
import {
  MAX_SEALED_CONTENT,
  openSealedFile,
  type SealedFileProblem,
  type SealedKind,
  sealFile,
} from '@resonancenet/keys/sealed-file';
import type { KdfCost } from '@resonancenet/keys/sealing-primitives';
import { SignerError, type SignerProblem } from '../signer-error.ts';

export function sealContent(
  kind: SealedKind,
  content: BackupContent,
  passphrase: Uint8Array,
  cost: KdfCost,
): Uint8Array {
  const bytes = encode(backupContentCodec, content);
  if (bytes.length > MAX_SEALED_CONTENT)
    throw new SignerError('too-large', `The wallet has ${bytes.length} bytes; a file holds ${MAX_SEALED_CONTENT}.`);
  const salt = new Uint8Array(randomBytes(16));
  const iv = new Uint8Array(randomBytes(16));
  const file = sealFile({ kind, content: bytes, passphrase, salt, iv, cost });
  bytes.fill(0);
  return file;
}

const problems: Readonly<Record<SealedFileProblem, SignerProblem>> = {
  'not-sealed': 'other-kind',
  'unknown-version': 'other-kind',
  'too-long': 'corrupt',
  corrupt: 'corrupt',
  'other-kind': 'other-kind',
  'refused-cost': 'refused-cost',
  'bad-passphrase': 'bad-passphrase',
  'wrong-passphrase': 'wrong-passphrase',
  tampered: 'tampered',
};

/** `path` is for people. @throws SignerError, for a wrong passphrase another than for a damaged file */
export function openContent(kind: SealedKind, path: string, file: Uint8Array, passphrase: Uint8Array): BackupContent {
  const opened = openSealedFile(file, kind, passphrase);
  if (!opened.ok) throw new SignerError(problems[opened.code], `${path}: ${opened.detail}.`);
  const result = decode(backupContentCodec, opened.content);
  opened.content.fill(0);
  if (result.ok) return result.value;
  throw new SignerError('corrupt', `${path} was sealed with a content that cannot be read: ${result.error.message}.`);
}
