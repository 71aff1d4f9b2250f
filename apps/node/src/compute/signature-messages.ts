// What the main thread and the signature threads say to each other. Checks lie in memory that all of them see: key, message and signature, one after the other.

import type { SignatureCheck } from '@resonancenet/ledger/connect-result';

/**
 * `exact`: HASH-10, what OpenSSL refuses is decided by the portable code at a tenth of the speed. `strict`: what OpenSSL refuses is refused, so
 * that those who flood gain nothing.
 */
export type SignatureMode = 'exact' | 'strict';

/** Place of the first check that no thread has taken yet. */
export type TaskProgress = Int32Array<SharedArrayBuffer>;

/** A task, for one thread or for several that share it. */
export interface SignatureRequest {
  readonly task: number;
  readonly mode: SignatureMode;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly progress: TaskProgress;
}

/** Each thread that was given a task answers once, when nothing is left of it. */
export interface SignatureReply {
  readonly task: number;
  /** Place of a check that failed; null if none of those that this thread took did. */
  readonly failed: number | null;
}

const KEY_LENGTH = 32;
const MESSAGE_LENGTH = 32;
const SIGNATURE_LENGTH = 64;
const CHECK_LENGTH = KEY_LENGTH + MESSAGE_LENGTH + SIGNATURE_LENGTH;

/** Checks that a thread takes at once: about a millisecond of work. */
const TAKEN = 8;

/** Beyond every place, and far from the greatest that the counter can hold. */
const STOPPED = 2 ** 30;

export function taskRequest(task: number, mode: SignatureMode, checks: readonly SignatureCheck[]): SignatureRequest {
  const bytes = new Uint8Array(new SharedArrayBuffer(checks.length * CHECK_LENGTH));
  let at = 0;
  for (const { publicKey, message, signature } of checks) {
    bytes.set(publicKey, at);
    bytes.set(message, at + KEY_LENGTH);
    bytes.set(signature, at + KEY_LENGTH + MESSAGE_LENGTH);
    at += CHECK_LENGTH;
  }
  return { task, mode, bytes, progress: new Int32Array(new SharedArrayBuffer(4)) };
}

/** Checks that nobody else takes, with their places, until none is left. */
export function* takeChecks({
  bytes,
  progress,
}: SignatureRequest): Iterable<readonly [place: number, check: SignatureCheck]> {
  const count = bytes.length / CHECK_LENGTH;
  for (let first = Atomics.add(progress, 0, TAKEN); first < count; first = Atomics.add(progress, 0, TAKEN))
    for (let place = first; place < Math.min(count, first + TAKEN); place++) yield [place, checkAt(bytes, place)];
}

/** Nothing is left of it: its answer is known. */
export function stopTask(progress: TaskProgress): void {
  Atomics.store(progress, 0, STOPPED);
}

function checkAt(bytes: Uint8Array, place: number): SignatureCheck {
  const at = place * CHECK_LENGTH;
  const message = at + KEY_LENGTH;
  const signature = message + MESSAGE_LENGTH;
  return {
    publicKey: bytes.subarray(at, message),
    message: bytes.subarray(message, signature),
    signature: bytes.subarray(signature, at + CHECK_LENGTH),
  };
}
