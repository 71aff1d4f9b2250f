// RMSNorm with the constant divisor of the network's base width (MOD-5): u = x * gain * r, r = 1 / sqrt(sum(x^2) / d0 + 1e-6).

import { madd, sum4 } from './fast-math';
import { finishTask, least, nextTask } from './tasks';

/** Rows of one task; also the rows whose gain gradients are summed before the sums themselves are. */
const ROWS: i32 = 32;

/** Op. args: counter, x, gain, u (0: only r is wanted), r, rows, stride (floats, a multiple of 8, padding 0), 1 / base width (f32). */
export function normForward(thread: i32, threads: i32, args: usize): void {
  const x = load<usize>(args, 4), gain = load<usize>(args, 8), u = load<usize>(args, 12), r = load<usize>(args, 16);
  const rows = load<i32>(args, 20), bytes = <usize>load<i32>(args, 24) << 2, inverse = load<f32>(args, 28);
  for (let first = nextTask(args) * ROWS; first < rows; first = nextTask(args) * ROWS) {
    const end = least(rows, first + ROWS);
    for (let row = first; row < end; row++) {
      const from = x + <usize>row * bytes;
      let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
      for (let i: usize = 0; i < bytes; i += 32) {
        const v0 = v128.load(from + i), v1 = v128.load(from + i, 16);
        s0 = madd(v0, v0, s0);
        s1 = madd(v1, v1, s1);
      }
      const scale: f32 = <f32>1 / sqrt<f32>(sum4(f32x4.add(s0, s1)) * inverse + <f32>1e-6);
      store<f32>(r + (<usize>row << 2), scale);
      if (!u) continue;
      const to = u + <usize>row * bytes;
      const factor = f32x4.splat(scale);
      for (let i: usize = 0; i < bytes; i += 32) {
        const v0 = f32x4.mul(f32x4.mul(v128.load(from + i), factor), v128.load(gain + i));
        const v1 = f32x4.mul(f32x4.mul(v128.load(from + i, 16), factor), v128.load(gain + i, 16));
        v128.store(to + i, v0);
        v128.store(to + i, v1, 16);
      }
    }
  }
}

/**
 * Op. args: counter, x, gain, r, du, dx (added to), dgain (written), partials [ceil(rows / 32)][stride], rows, stride (floats), 1 / base width (f32).
 * dx += r gain du - x r^3 / d0 sum(x gain du);  dgain = sum over rows of x r du.
 */
export function normBackward(thread: i32, threads: i32, args: usize): void {
  const x = load<usize>(args, 4), gain = load<usize>(args, 8), r = load<usize>(args, 12), du = load<usize>(args, 16);
  const dx = load<usize>(args, 20), dgain = load<usize>(args, 24), partials = load<usize>(args, 28);
  const rows = load<i32>(args, 32), stride = load<i32>(args, 36), inverse = load<f32>(args, 40);
  const bytes = <usize>stride << 2;
  const blocks = (rows + ROWS - 1) / ROWS;
  for (let block = nextTask(args); block < blocks; block = nextTask(args)) {
    const partial = partials + <usize>block * bytes;
    memory.fill(partial, 0, bytes);
    const end = least(rows, (block + 1) * ROWS);
    for (let row = block * ROWS; row < end; row++) {
      const xRow = x + <usize>row * bytes, duRow = du + <usize>row * bytes, dxRow = dx + <usize>row * bytes;
      const scale = load<f32>(r + (<usize>row << 2));
      const factor = f32x4.splat(scale);
      let dot0 = f32x4.splat(0), dot1 = f32x4.splat(0);
      for (let i: usize = 0; i < bytes; i += 32) {
        const product0 = f32x4.mul(v128.load(xRow + i), v128.load(duRow + i));
        const product1 = f32x4.mul(v128.load(xRow + i, 16), v128.load(duRow + i, 16));
        dot0 = madd(product0, v128.load(gain + i), dot0);
        dot1 = madd(product1, v128.load(gain + i, 16), dot1);
        const sum0 = madd(product0, factor, v128.load(partial + i));
        const sum1 = madd(product1, factor, v128.load(partial + i, 16));
        v128.store(partial + i, sum0);
        v128.store(partial + i, sum1, 16);
      }
      const back = f32x4.splat(-sum4(f32x4.add(dot0, dot1)) * inverse * scale * scale * scale);
      for (let i: usize = 0; i < bytes; i += 32) {
        const direct0 = madd(f32x4.mul(v128.load(gain + i), factor), v128.load(duRow + i), v128.load(dxRow + i));
        const direct1 = madd(f32x4.mul(v128.load(gain + i, 16), factor), v128.load(duRow + i, 16), v128.load(dxRow + i, 16));
        const sum0 = madd(v128.load(xRow + i), back, direct0);
        const sum1 = madd(v128.load(xRow + i, 16), back, direct1);
        v128.store(dxRow + i, sum0);
        v128.store(dxRow + i, sum1, 16);
      }
    }
    if (finishTask(args, blocks)) addBlocks(partials, blocks, bytes, dgain);
  }
}

/** sum = the sum of the rows. */
function addBlocks(rows: usize, count: i32, bytes: usize, sum: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
    for (let row: usize = 0; row < <usize>count; row++) {
      s0 = f32x4.add(s0, v128.load(rows + row * bytes + i));
      s1 = f32x4.add(s1, v128.load(rows + row * bytes + i, 16));
    }
    v128.store(sum + i, s0);
    v128.store(sum + i, s1, 16);
  }
}

/** Bytes that one task of `clear` takes. */
const CLEAR_BYTES: usize = 65536;

/** Op. args: counter, address, bytes (a multiple of 16). Sets them to 0. */
export function clear(thread: i32, threads: i32, args: usize): void {
  const address = load<usize>(args, 4), bytes = load<usize>(args, 8);
  for (let at = <usize>nextTask(args) * CLEAR_BYTES; at < bytes; at = <usize>nextTask(args) * CLEAR_BYTES) {
    memory.fill(address + at, 0, bytes - at < CLEAR_BYTES ? bytes - at : CLEAR_BYTES);
  }
}
