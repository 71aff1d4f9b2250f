// Runs a list of ops with whichever threads are there. Thread 0 goes through the list; the others help with the op that is open, if the system gives them a
// processor in time. Thread 0 never waits for a thread that has not begun, so a machine that is busy with other programs costs speed, not a stop at every op.
//
// This needs ops that are cut into tasks (tasks.ts): none may count on the others' presence.

import { ABORT, SPIN_LIMIT, STALL_SECONDS } from '../common/control';
import { adamw, squareSums } from './adamw';
import { convolutionBackward, convolutionForward } from './convolution';
import { crossEntropy } from './cross-entropy';
import { embedBackward, embedForward } from './embedding';
import { gemm, gemmTransposedA } from './gemm';
import { packATransposed, packBPlain, packBTransposed } from './gemm-pack';
import { muon } from './muon';
import { clear, normBackward, normForward } from './norm';
import { scanBackward, scanForward } from './recurrence';
import { slotsBackward, slotsForward } from './slots';
import { swigluBackward, swigluForward } from './swiglu';
import { FINISHED_COUNTER } from './tasks';

/** Bytes of one op's arguments, and where among them the op's number stands (src/wasm/op-list.ts). */
const OP_BYTES: usize = 128;
const OP_NUMBER: usize = 124;

/** The entry word: number of the open op from 8 bits up, threads inside it (beside thread 0) below; CLOSED while none may enter, DONE at the end. */
const CLOSED: i32 = 1 << 30;
const DONE: i32 = -1;
/** Distance from the entry word to the count of threads asleep on it. */
const SLEEPERS: usize = 128;

/** The numbers of src/wasm/op-list.ts. */
function runOp(number: i32, thread: i32, threads: i32, args: usize): void {
  switch (number) {
    case 0: return gemm(thread, threads, args);
    case 1: return gemmTransposedA(thread, threads, args);
    case 2: return packATransposed(thread, threads, args);
    case 3: return packBPlain(thread, threads, args);
    case 4: return packBTransposed(thread, threads, args);
    case 5: return normForward(thread, threads, args);
    case 6: return normBackward(thread, threads, args);
    case 7: return convolutionForward(thread, threads, args);
    case 8: return convolutionBackward(thread, threads, args);
    case 9: return scanForward(thread, threads, args);
    case 10: return scanBackward(thread, threads, args);
    case 11: return slotsForward(thread, threads, args);
    case 12: return slotsBackward(thread, threads, args);
    case 13: return swigluForward(thread, threads, args);
    case 14: return swigluBackward(thread, threads, args);
    case 15: return embedForward(thread, threads, args);
    case 16: return embedBackward(thread, threads, args);
    case 17: return crossEntropy(thread, threads, args);
    case 18: return clear(thread, threads, args);
    case 19: return squareSums(thread, threads, args);
    case 20: return adamw(thread, threads, args);
    case 21: return muon(thread, threads, args);
    default: unreachable();
  }
}

/** Waits until the entry word is no longer `seen`: spins, then sleeps. Traps if another thread has failed, or after the stall limit. */
function waitForChange(entry: usize, seen: i32): void {
  for (let i = load<i32>(SPIN_LIMIT); i > 0; i--) {
    if (atomic.load<i32>(entry) != seen) return;
  }
  atomic.add<i32>(entry + SLEEPERS, 1);
  let seconds = 0;
  while (atomic.load<i32>(entry) == seen) {
    if (atomic.load<i32>(ABORT) != 0) unreachable();
    if (atomic.wait<i32>(entry, seen, 1_000_000_000) == 2) {
      if (++seconds >= load<i32>(STALL_SECONDS)) unreachable();
    }
  }
  atomic.sub<i32>(entry + SLEEPERS, 1);
}

// @ts-ignore: decorator
@inline
function wake(entry: usize): void {
  if (atomic.load<i32>(entry + SLEEPERS) != 0) atomic.notify(entry, -1);
}

function lead(threads: i32, first: usize, count: i32, entry: usize): void {
  for (let i = 0; i < count; i++) {
    const args = first + <usize>i * OP_BYTES;
    atomic.store<i32>(args, 0);
    atomic.store<i32>(args + FINISHED_COUNTER, 0);
    atomic.store<i32>(entry, i << 8);
    if (threads > 1) wake(entry);
    runOp(load<i32>(args + OP_NUMBER), 0, threads, args);
    let inside = atomic.or<i32>(entry, CLOSED) | CLOSED;
    while ((inside & 0xff) != 0) {
      waitForChange(entry, inside);
      inside = atomic.load<i32>(entry);
    }
  }
  atomic.store<i32>(entry, DONE);
  if (threads > 1) wake(entry);
}

function help(thread: i32, threads: i32, first: usize, entry: usize): void {
  let served = -1;
  for (;;) {
    const seen = atomic.load<i32>(entry);
    if (seen == DONE) return;
    const number = seen >> 8;
    if ((seen & CLOSED) != 0 || number == served) {
      waitForChange(entry, seen);
    } else if (atomic.cmpxchg<i32>(entry, seen, seen + 1) == seen) {
      const args = first + <usize>number * OP_BYTES;
      runOp(load<i32>(args + OP_NUMBER), thread, threads, args);
      served = number;
      // Thread 0 waits only for the last to leave a closed op.
      if (((atomic.sub<i32>(entry, 1) - 1) & (CLOSED | 0xff)) == CLOSED) wake(entry);
    }
  }
}

/**
 * Op. args: address of the first op's arguments, number of ops, address of the entry word, which the host has set to CLOSED (the word of the sleepers
 * `SLEEPERS` bytes behind it to 0). The host chooses at most 255 threads.
 */
export function runProgram(thread: i32, threads: i32, args: usize): void {
  const first = load<usize>(args), count = load<i32>(args, 4), entry = load<usize>(args, 8);
  if (thread == 0) lead(threads, first, count, entry);
  else help(thread, threads, first, entry);
}
