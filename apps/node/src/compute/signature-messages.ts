// What the main thread and the signature threads say to each other. Checks travel as bytes, those of blocks in memory that all threads see: key, message and
// signature, one after the other.

import type { SignatureCheck } from '@resonancenet/ledger/connect-result';

/**
 * `exact`: HASH-10, what OpenSSL refuses is decided by the portable code at a tenth of the speed. `strict`: what OpenSSL refuses is refused, so
 * that those who flood gain nothing.
 */
export type SignatureMode = 'exact' | 'strict';

/** Place of the first check that no thread has taken yet. */
export type TaskProgress = Int32Array<SharedArrayBuffer>;

/** A job, for one thread or for several that share it. */
export interface SharedRequest {
  readonly task: number;
  readonly mode: 'exact';
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly progress: TaskProgress;
}

/** Parts of jobs for one thread: each message costs the main thread as much as half a check. */
export interface SmallRequest {
  readonly task: number;
  readonly mode: 'strict';
  /** Numbers of checks that belong to one job: the first that fails ends its part. */
  readonly parts: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type SignatureRequest = SharedRequest | SmallRequest;

/** Each thread that was given a task answers once, when nothing is left of it. */
export interface SignatureReply {
  readonly task: number;
  /** For each part (a job has one) the place of a check that failed; null if none of those that this thread took did. */
  readonly failed: readonly (number | null)[];
}

const KEY_LENGTH = 32;
const MESSAGE_LENGTH = 32;
const SIGNATURE_LENGTH = 64;
const CHECK_LENGTH = KEY_LENGTH + MESSAGE_LENGTH + SIGNATURE_LENGTH;

/** Checks that a thread takes at once: about a millisecond of work. */
const TAKEN = 8;

/** Beyond every place, and far from the greatest that the counter can hold. */
const STOPPED = 2 ** 30;

export function sharedRequest(task: number, checks: readonly SignatureCheck[]): SharedRequest {
  const bytes = new Uint8Array(new SharedArrayBuffer(checks.length * CHECK_LENGTH));
  pack(checks, bytes);
  return { task, mode: 'exact', bytes, progress: new Int32Array(new SharedArrayBuffer(4)) };
}

export function smallRequest(task: number, parts: readonly (readonly SignatureCheck[])[]): SmallRequest {
  const checks = parts.flat();
  const bytes = new Uint8Array(checks.length * CHECK_LENGTH);
  pack(checks, bytes);
  return { task, mode: 'strict', parts: parts.map(({ length }) => length), bytes };
}

function pack(checks: readonly SignatureCheck[], bytes: Uint8Array): void {
  let at = 0;
  for (const { publicKey, message, signature } of checks) {
    bytes.set(publicKey, at);
    bytes.set(message, at + KEY_LENGTH);
    bytes.set(signature, at + KEY_LENGTH + MESSAGE_LENGTH);
    at += CHECK_LENGTH;
  }
}

/** Checks that nobody else takes, with their places, until none is left. */
export function* takeChecks({
  bytes,
  progress,
}: SharedRequest): Iterable<readonly [place: number, check: SignatureCheck]> {
  const count = bytes.length / CHECK_LENGTH;
  for (let first = Atomics.add(progress, 0, TAKEN); first < count; first = Atomics.add(progress, 0, TAKEN))
    for (let place = first; place < Math.min(count, first + TAKEN); place++) yield [place, checkAt(bytes, place)];
}

/** Nothing is left of it: its answer is known. */
export function stopTask(progress: TaskProgress): void {
  Atomics.store(progress, 0, STOPPED);
}

export function checkAt(bytes: Uint8Array, place: number): SignatureCheck {
  const at = place * CHECK_LENGTH;
  const message = at + KEY_LENGTH;
  const signature = message + MESSAGE_LENGTH;
  return {
    publicKey: bytes.subarray(at, message),
    message: bytes.subarray(message, signature),
    signature: bytes.subarray(signature, at + CHECK_LENGTH),
  };
}
