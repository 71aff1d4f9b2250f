// What the command line asks of a new signer process: a line of JSON on descriptor 3, without secrets; the answer comes as one on descriptor 4.

import { MAX_WINDOW_KEYS } from '@resonancenet/keys/key-window';
import { MAX_NOTES_LENGTH } from '@resonancenet/keys/wallet-notes';
import type { KdfCost } from '@resonancenet/keys/sealing-primitives';
import { MNEMONIC_LANGUAGES, type MnemonicLanguage } from '@resonancenet/keys/word-lists';
import { parseNetworkParams } from '@resonancenet/params/network-file';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { z } from 'zod';
import { SignerError } from './signer-error.ts';

export const JOB_FD = 3;
export const RESULT_FD = 4;

/** Which wallet it is about. */
export interface JobPlace {
  /** Of the network, the node's. */
  readonly folder: string;
  readonly name: string;
  /** Parameter object (serialiseNetworkParams). */
  readonly network: string;
  /** Descriptor that secrets are read from, a line each; null: the terminal. */
  readonly secretsFd: number | null;
}

export interface MakingJob extends JobPlace {
  readonly birthHeight: number;
  /** Without a passphrase, for everybody to open. */
  readonly unencrypted: boolean;
  readonly cost: KdfCost;
}

export interface WordsJob extends MakingJob {
  /** The policy's line (WAL-11). */
  readonly policy: string;
  readonly accountName: string;
  /** Whether the words have a passphrase of their own. */
  readonly wordsPassphrase: boolean;
}

/** Where the chance of new words comes from: the system; rolls of a die, or hexadecimal digits, that are given as the first secret. */
export const ENTROPY_SOURCES = ['system', 'dice', 'hex'] as const;
export type EntropySource = (typeof ENTROPY_SOURCES)[number];

export interface CreateJob extends WordsJob {
  readonly kind: 'create';
  readonly language: MnemonicLanguage;
  readonly entropy: EntropySource;
}

/** From words; without a language the one that fits is taken. */
export interface RestoreJob extends WordsJob {
  readonly kind: 'restore';
  /** Of the account that has the policy. */
  readonly number: number;
  readonly language: MnemonicLanguage | null;
  /** That the wallet must have, eight hex digits; null: a person is asked whether it is the right one. */
  readonly fingerprint: string | null;
}

/** From words alone: the first answer has the public keys of these accounts, a second line what the chain shows of them (FoundAccounts). */
export interface RestoreSearchJob extends Omit<RestoreJob, 'kind' | 'policy' | 'number'> {
  readonly kind: 'restore-search';
  /** How many, from number 0 on. */
  readonly accounts: number;
}

/** What a search has found (packages/wallet, restore-accounts.ts). */
export interface FoundAccounts {
  readonly accounts: readonly {
    readonly number: number;
    /** A watched policy (WAL-12) as hexadecimal. */
    readonly policy: string;
  }[];
  /** Accounts that were used under a policy that the chain does not show whole. */
  readonly needsPolicy: readonly number[];
  /** Accounts below found ones of which the chain shows nothing. */
  readonly unseen: readonly number[];
  /** Blocks that were read. */
  readonly from: number;
  readonly to: number;
}

export interface RestoreBackupJob extends MakingJob {
  readonly kind: 'restore-backup';
  /** A backup's file, or a text with the parts of its codes. */
  readonly backup: string;
}

export interface UnlockJob extends JobPlace {
  readonly kind: 'unlock';
  /** Until it locks by itself; null: it does not. */
  readonly seconds: number | null;
}

export interface BackupJob extends JobPlace {
  readonly kind: 'backup';
  readonly out: string;
  /** Replace a file of this name. */
  readonly force: boolean;
  /** A passphrase of its own instead of the wallet's. */
  readonly ownPassphrase: boolean;
  /** What the node keeps (WAL-18), base64; null: what the secret's file has is taken. */
  readonly notes: string | null;
  readonly cost: KdfCost;
}

/** A further account of a wallet that is there. */
export interface AddAccountJob extends JobPlace {
  readonly kind: 'add-account';
  /** Of the account; null: the next one. */
  readonly number: number | null;
  readonly accountName: string;
  /** The policy's line (WAL-11). */
  readonly policy: string;
}

export interface ShowWordsJob extends JobPlace {
  readonly kind: 'show-words';
}

export interface ShowKeyJob extends JobPlace {
  readonly kind: 'show-key';
  readonly branch: 'recovery' | 'guardian';
  readonly account: number;
  readonly index: number;
}

/** Public keys beyond those of the record, for a machine that only watches. */
export interface ExportKeysJob extends JobPlace {
  readonly kind: 'export-keys';
  /** null: of all accounts. */
  readonly account: number | null;
  /** Index of the first of both branches. */
  readonly first: number;
  readonly count: number;
}

/** Within the signer: what goes on when its wallet is unlocked. */
export interface ServeJob extends JobPlace {
  readonly kind: 'serve';
  readonly seconds: number | null;
}

export type SignerJob =
  | CreateJob
  | RestoreJob
  | RestoreSearchJob
  | RestoreBackupJob
  | UnlockJob
  | BackupJob
  | AddAccountJob
  | ShowWordsJob
  | ShowKeyJob
  | ExportKeysJob
  | ServeJob;

/** What comes back. */
export type JobAnswer =
  /** `more`: the job waits for a line, and another answer follows. */
  | { readonly ok: true; readonly result: Readonly<Record<string, unknown>>; readonly more?: boolean }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly path?: string };

/** Accounts of one search. */
export const MAX_SEARCHED_ACCOUNTS = 64;

/** In base64. */
const MAX_NOTES_TEXT: number = 4 * Math.ceil(MAX_NOTES_LENGTH / 3);

/** A year. */
export const MAX_UNLOCK_SECONDS = 31_536_000;

/** @throws SignerError */
export function parseJob(json: string): SignerJob {
  const result = schema().safeParse(JSON.parse(json));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const message = `The signer was asked for something else than it does: ${issue?.path.join('.')}: ${issue?.message}.`;
  throw new SignerError('bad-job', message);
}

/** @throws SignerError */
export function parseFound(json: string): FoundAccounts {
  const number = z.number().int().min(0).max(0x7fff_ffff);
  const u32 = z.number().int().min(0).max(0xffff_ffff);
  const account = z.object({
    number,
    policy: z
      .string()
      .max(4_096)
      .regex(/^(?:[0-9a-f]{2})+$/),
  });
  const found = z.object({
    accounts: z.array(account).max(MAX_SEARCHED_ACCOUNTS),
    needsPolicy: z.array(number).max(MAX_SEARCHED_ACCOUNTS),
    unseen: z.array(number).max(MAX_SEARCHED_ACCOUNTS),
    from: u32,
    to: u32,
  });
  const result = found.safeParse(JSON.parse(json));
  if (result.success) return result.data;
  throw new SignerError('bad-job', 'What the search has found cannot be read.');
}

/** @throws SignerError */
export function networkOf({ network }: JobPlace): NetworkParams {
  const parsed = parseNetworkParams(network);
  if (parsed.ok) return parsed.params;
  throw new SignerError('bad-job', `The network's parameters cannot be read: ${parsed.path}: ${parsed.message}.`);
}

function schema(): z.ZodType<SignerJob> {
  const place = {
    folder: z.string().min(1),
    name: z.string(),
    network: z.string(),
    secretsFd: z.number().int().min(0).max(255).nullable(),
  };
  const u32 = z.number().int().min(0).max(0xffff_ffff);
  const number = z.number().int().min(0).max(0x7fff_ffff);
  const memoryKib = z.number().int().min(65_536).max(1_048_576);
  const cost = z.object({ memoryKib, passes: z.number().int().min(1).max(10) });
  const making = { ...place, birthHeight: u32, unencrypted: z.boolean(), cost };
  const anyWords = { ...making, accountName: z.string().max(64), wordsPassphrase: z.boolean() };
  const words = { ...anyWords, policy: z.string() };
  const fingerprint = z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .nullable();
  const language = z.enum([...MNEMONIC_LANGUAGES] as [MnemonicLanguage, ...MnemonicLanguage[]]);
  const seconds = z.number().int().min(1).max(MAX_UNLOCK_SECONDS).nullable();
  return z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('create'), ...words, language, entropy: z.enum(ENTROPY_SOURCES) }),
    z.object({ kind: z.literal('restore'), ...words, number, language: language.nullable(), fingerprint }),
    z.object({
      kind: z.literal('restore-search'),
      ...anyWords,
      language: language.nullable(),
      fingerprint,
      accounts: z.number().int().min(1).max(MAX_SEARCHED_ACCOUNTS),
    }),
    z.object({ kind: z.literal('restore-backup'), ...making, backup: z.string() }),
    z.object({ kind: z.literal('unlock'), ...place, seconds }),
    z.object({
      kind: z.literal('backup'),
      ...place,
      out: z.string().min(1),
      force: z.boolean(),
      ownPassphrase: z.boolean(),
      notes: z.string().max(MAX_NOTES_TEXT).nullable(),
      cost,
    }),
    z.object({
      kind: z.literal('add-account'),
      ...place,
      number: number.nullable(),
      accountName: z.string().max(64),
      policy: z.string(),
    }),
    z.object({ kind: z.literal('show-words'), ...place }),
    z.object({
      kind: z.literal('show-key'),
      ...place,
      branch: z.enum(['recovery', 'guardian']),
      account: u32,
      index: u32,
    }),
    z.object({
      kind: z.literal('export-keys'),
      ...place,
      account: number.nullable(),
      first: number,
      count: z.number().int().min(1).max(MAX_WINDOW_KEYS),
    }),
    z.object({ kind: z.literal('serve'), ...place, seconds }),
  ]);
}
