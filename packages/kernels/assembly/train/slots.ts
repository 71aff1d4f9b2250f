// Softmax over the 64 slots, row by row. Scores and probabilities share their memory: [R][64].

import { exp4, madd, sum4 } from './fast-math';
import { least, nextTask } from './tasks';

const ROWS: i32 = 32;
const ROW_BYTES: usize = 256;

/** Op. args: counter, scores (in place: probabilities), rows, scale (f32). */
export function slotsForward(thread: i32, threads: i32, args: usize): void {
  const scores = load<usize>(args, 4), rows = load<i32>(args, 8), scale = f32x4.splat(load<f32>(args, 12));
  for (let first = nextTask(args) * ROWS; first < rows; first = nextTask(args) * ROWS) {
    const end = scores + <usize>least(rows, first + ROWS) * ROW_BYTES;
    for (let row = scores + <usize>first * ROW_BYTES; row < end; row += ROW_BYTES) {
      let m = v128.load(row);
      for (let i: usize = 16; i < ROW_BYTES; i += 16) m = f32x4.pmax(m, v128.load(row + i));
      m = f32x4.pmax(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
      m = f32x4.mul(f32x4.pmax(m, v128.shuffle<f32>(m, m, 1, 0, 3, 2)), scale);
      let sum0 = f32x4.splat(0), sum1 = f32x4.splat(0);
      for (let i: usize = 0; i < ROW_BYTES; i += 32) {
        const v0 = v128.load(row + i), v1 = v128.load(row + i, 16);
        const e0 = exp4(f32x4.sub(f32x4.mul(v0, scale), m)), e1 = exp4(f32x4.sub(f32x4.mul(v1, scale), m));
        sum0 = f32x4.add(sum0, e0);
        sum1 = f32x4.add(sum1, e1);
        v128.store(row + i, e0);
        v128.store(row + i, e1, 16);
      }
      const inverse = f32x4.splat(<f32>1 / sum4(f32x4.add(sum0, sum1)));
      for (let i: usize = 0; i < ROW_BYTES; i += 32) {
        const v0 = f32x4.mul(v128.load(row + i), inverse), v1 = f32x4.mul(v128.load(row + i, 16), inverse);
        v128.store(row + i, v0);
        v128.store(row + i, v1, 16);
      }
    }
  }
}

/** Op. args: counter, p, dp (in place: gradient of the unscaled scores), rows, scale (f32). dscore = p (dp - sum(p dp)) scale. */
export function slotsBackward(thread: i32, threads: i32, args: usize): void {
  const p = load<usize>(args, 4), dp = load<usize>(args, 8), rows = load<i32>(args, 12), scale = load<f32>(args, 16);
  for (let first = nextTask(args) * ROWS; first < rows; first = nextTask(args) * ROWS) {
    const end = <usize>least(rows, first + ROWS) * ROW_BYTES;
    for (let row = <usize>first * ROW_BYTES; row < end; row += ROW_BYTES) {
      let dot0 = f32x4.splat(0), dot1 = f32x4.splat(0);
      for (let i = row; i < row + ROW_BYTES; i += 32) {
        dot0 = madd(v128.load(p + i), v128.load(dp + i), dot0);
        dot1 = madd(v128.load(p + i, 16), v128.load(dp + i, 16), dot1);
      }
      const mean = f32x4.splat(sum4(f32x4.add(dot0, dot1)));
      const factor = f32x4.splat(scale);
      for (let i = row; i < row + ROW_BYTES; i += 32) {
        const centred0 = f32x4.mul(f32x4.sub(v128.load(dp + i), mean), factor);
        const centred1 = f32x4.mul(f32x4.sub(v128.load(dp + i, 16), mean), factor);
        const d0 = f32x4.mul(v128.load(p + i), centred0), d1 = f32x4.mul(v128.load(p + i, 16), centred1);
        v128.store(dp + i, d0);
        v128.store(dp + i, d1, 16);
      }
    }
  }
}
