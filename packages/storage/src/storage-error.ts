// Operational trouble of the disk (aesthetics: "operational" errors are thrown, with a code and the cause).

/** Closed list; the documentation and the node's exit codes derive from it. */
export const STORAGE_ERROR_CODES = [
  /** A file or record does not have the form it was written with. */
  'store-corrupt',
  /** Another process holds the store or the data directory. */
  'store-locked',
  /** No space, quota or address space is left. */
  'store-full',
  /** The directory or the file may not be written. */
  'store-read-only',
  /** Written by a version of this program with another format. */
  'store-version',
  /** Any other failure that the operating system reported. */
  'store-io',
] as const;

export type StorageErrorCode = (typeof STORAGE_ERROR_CODES)[number];

/** Thrown by everything in this package; the message names what failed, why, and what to do. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'StorageError';
    this.code = code;
  }
}

/** LMDB's own return codes (lmdb.h). */
const LMDB_CODES: ReadonlyMap<number, StorageErrorCode> = new Map([
  [-30797, 'store-corrupt'], // MDB_PAGE_NOTFOUND
  [-30796, 'store-corrupt'], // MDB_CORRUPTED
  [-30795, 'store-corrupt'], // MDB_PANIC
  [-30794, 'store-version'], // MDB_VERSION_MISMATCH
  [-30793, 'store-corrupt'], // MDB_INVALID
  [-30792, 'store-full'], // MDB_MAP_FULL
  [-30791, 'store-full'], // MDB_DBS_FULL
  [-30790, 'store-locked'], // MDB_READERS_FULL
  [-30785, 'store-full'], // MDB_MAP_RESIZED
]);

/** Names that libuv gives, and the numbers that LMDB passes through on Linux, macOS and Windows. */
const SYSTEM_CODES: ReadonlyMap<string | number, StorageErrorCode> = new Map<string | number, StorageErrorCode>([
  ['ENOSPC', 'store-full'],
  ['EDQUOT', 'store-full'],
  ['EFBIG', 'store-full'],
  ['EROFS', 'store-read-only'],
  ['EACCES', 'store-read-only'],
  ['EPERM', 'store-read-only'],
  ['EBUSY', 'store-locked'],
  ['EAGAIN', 'store-locked'],
  ['ETXTBSY', 'store-locked'],
  [28, 'store-full'],
  [122, 'store-full'],
  [27, 'store-full'],
  [112, 'store-full'], // ERROR_DISK_FULL
  [30, 'store-read-only'],
  [13, 'store-read-only'],
  [1, 'store-read-only'],
  [16, 'store-locked'],
  [11, 'store-locked'],
  [32, 'store-locked'], // ERROR_SHARING_VIOLATION
]);

const ADVICE: Readonly<Record<StorageErrorCode, string>> = {
  'store-corrupt': 'Move it away and start again: the node downloads and verifies what is missing.',
  'store-locked': 'Stop the other process that uses it, or choose another data directory.',
  'store-full': 'Free some space on that disk and start again.',
  'store-read-only': 'Give this user the right to write there, or choose another data directory (--data-dir).',
  'store-version': 'Use the version of the program that wrote it, or choose another data directory.',
  'store-io': 'Check the disk and start again.',
};

/** Turns what LMDB or Node threw into a named error; errors that are named already pass unchanged. */
export function toStorageError(error: unknown, doing: string, path: string): StorageError {
  if (error instanceof StorageError) return error;
  const raw = error instanceof Error ? (error as Error & { readonly code?: unknown }).code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const known =
    (typeof raw === 'number' ? LMDB_CODES.get(raw) : undefined) ??
    (typeof raw === 'number' || typeof raw === 'string' ? SYSTEM_CODES.get(raw) : undefined) ??
    (/MDB_(CORRUPTED|INVALID|PAGE_NOTFOUND|PANIC)/.test(message) ? 'store-corrupt' : undefined) ??
    (/MDB_MAP_FULL|No space left/.test(message) ? 'store-full' : undefined);
  const code = known ?? 'store-io';
  return new StorageError(code, `${doing} ${path} failed: ${message}. ${ADVICE[code]}`, { cause: error });
}
