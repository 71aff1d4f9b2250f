// Places at which the crash suite kills this process (test/crash). They do nothing unless the variable names one of them.

import { writeSync } from 'node:fs';

/** Each is hit by `npm run test:crash`, which fails if one of them never was. */
export const CRASH_POINTS = [
  /** A chunk's bytes are written, nothing records that they are. */
  'chunk-written',
  /** The chunk is recorded, nothing is flushed. */
  'chunk-recorded',
  /** All chunks are flushed, the file still has its temporary name. */
  'checkpoint-before-rename',
  'checkpoint-after-rename',
  'checkpoint-before-delete',
  'checkpoint-after-delete',
  /** A download that a crash interrupted has been checked, its remains are not yet cut off. */
  'recovery-partial',
  /** Nothing of the batch is written. */
  'commit-before',
  /** Half of the batch's entries are written in the open transaction. */
  'commit-inside',
  'commit-after',
  /** The same three for a batch that disconnects blocks. */
  'undo-before',
  'undo-inside',
  'undo-after',
  /** The same for what start-up writes. */
  'recovery-before',
  'recovery-inside',
  'recovery-after',
  /** The same for what rebuilding the ledger writes. */
  'rebuild-before',
  'rebuild-inside',
  'rebuild-after',
  /** The ledger is in the middle of a block, in memory: passed where the suite's own hands see it (test/crash/crash-child.ts), as the two after it. */
  'connect-inside',
  /** A block is being taken back, in memory. */
  'disconnect-inside',
  /** The ledger is in the middle of a block while it is rebuilt. */
  'rebuild-connect',
  /** The snapshot is on the disk under its temporary name. */
  'snapshot-before-rename',
  'snapshot-after-rename',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Places in a node's wallets; `test/node/wallet-kill.slow.test.ts` hits each. */
export const WALLET_CRASH_POINTS = [
  /** The coins of a payment are chosen, nothing is signed. */
  'payment-built',
  /** It is signed, and only in memory. */
  'payment-signed',
  /** The wallet has it on the disk, the pool does not know it. */
  'payment-recorded',
  /** The pool has taken it, no peer knows it. */
  'payment-accepted',
  /** It is on its way, and nobody was told. */
  'payment-submitted',
  /** A write of a wallet's tables: not begun, half done, done. */
  'wallet-write-before',
  'wallet-write-inside',
  'wallet-write-after',
  /** A block is taken back in memory. */
  'wallet-undo',
  /** All blocks are forgotten, none is read again. */
  'wallet-cleared',
] as const;

export type WalletCrashPoint = (typeof WALLET_CRASH_POINTS)[number];

/** `name:n` kills at the n-th time that the point is passed. */
export const CRASH_VARIABLE = 'RESONANCE_CRASH_POINT';

interface Armed {
  readonly name: string;
  left: number;
}

let armed: Armed | null | undefined;

function readVariable(): Armed | null {
  const [name, count] = (process.env[CRASH_VARIABLE] ?? '').split(':');
  if (name === undefined || name === '') return null;
  const known: readonly string[] = [...CRASH_POINTS, ...WALLET_CRASH_POINTS];
  if (!known.includes(name))
    throw new Error(`${CRASH_VARIABLE} names the unknown point '${name}'. Known: ${known.join(', ')}.`);
  return { name, left: Number(count ?? '1') };
}

/** Ends the process without any cleaning up if this point is the one to die at. */
export function crashPoint(name: CrashPoint | WalletCrashPoint): void {
  if (armed === undefined) armed = readVariable();
  if (armed === null || armed.name !== name) return;
  armed.left -= 1;
  if (armed.left > 0) return;
  writeSync(2, `crash point ${name}\n`);
  process.kill(process.pid, 'SIGKILL');
  // The signal may be delivered a moment later: nothing after this point may run.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
