import { least, nextTask } from './tasks';

const ROWS: i32 = 32;
/** Bytes of a row that one backward task owns: a cache line. */
const COLUMN_BYTES: usize = 64;

/** Op. args: counter, table [V][stride], ids (u16), x, rows, stride (floats). x[row] = table[id[row]]; the host has checked the ids. */
export function embedForward(thread: i32, threads: i32, args: usize): void {
  const table = load<usize>(args, 4), ids = load<usize>(args, 8), x = load<usize>(args, 12);
  const rows = load<i32>(args, 16), bytes = <usize>load<i32>(args, 20) << 2;
  for (let first = nextTask(args) * ROWS; first < rows; first = nextTask(args) * ROWS) {
    const end = least(rows, first + ROWS);
    for (let row = first; row < end; row++) {
      const from = table + <usize>load<u16>(ids + (<usize>row << 1)) * bytes;
      const to = x + <usize>row * bytes;
      memory.copy(to, from, bytes);
    }
  }
}

/**
 * Op. args: counter, dtable [V][stride] (added to), ids (u16), dx, rows, stride (floats).
 * Ids repeat, so a task owns columns and takes all rows in order: no two tasks write one element, and the sum has one order.
 */
export function embedBackward(thread: i32, threads: i32, args: usize): void {
  const table = load<usize>(args, 4), ids = load<usize>(args, 8), dx = load<usize>(args, 12);
  const rows = load<i32>(args, 16), bytes = <usize>load<i32>(args, 20) << 2;
  for (let column = <usize>nextTask(args) * COLUMN_BYTES; column < bytes; column = <usize>nextTask(args) * COLUMN_BYTES) {
    const end = column + COLUMN_BYTES < bytes ? column + COLUMN_BYTES : bytes;
    for (let row = 0; row < rows; row++) {
      const to = table + <usize>load<u16>(ids + (<usize>row << 1)) * bytes;
      const from = dx + <usize>row * bytes;
      for (let i = column; i < end; i += 32) {
        const v0 = f32x4.add(v128.load(to + i), v128.load(from + i));
        const v1 = f32x4.add(v128.load(to + i, 16), v128.load(from + i, 16));
        v128.store(to + i, v0);
        v128.store(to + i, v1, 16);
      }
    }
  }
}
