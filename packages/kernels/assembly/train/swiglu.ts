// hidden = silu(gate) * up; gate and up lie side by side in one row: [R][gate | up], each `stride` floats.

import { sigmoid4, siluSlope4 } from './fast-math';
import { least, nextTask } from './tasks';

const ROWS: i32 = 8;

/** Op. args: counter, gates [R][2 stride], hidden [R][stride], rows, stride (floats). */
export function swigluForward(thread: i32, threads: i32, args: usize): void {
  const gates = load<usize>(args, 4), hidden = load<usize>(args, 8), rows = load<i32>(args, 12), bytes = <usize>load<i32>(args, 16) << 2;
  for (let first = nextTask(args) * ROWS; first < rows; first = nextTask(args) * ROWS) {
    const end = least(rows, first + ROWS);
    for (let row = first; row < end; row++) {
      const gate = gates + <usize>row * 2 * bytes, to = hidden + <usize>row * bytes;
      const up = gate + bytes;
      for (let i: usize = 0; i < bytes; i += 16) {
        const a = v128.load(gate + i);
        v128.store(to + i, f32x4.mul(f32x4.mul(a, sigmoid4(a)), v128.load(up + i)));
      }
    }
  }
}

/**
 * Op, same args. hidden holds its gradient on entry and the hidden values (computed again) on exit; gates hold gate and up on entry and their gradients
 * on exit.
 */
export function swigluBackward(thread: i32, threads: i32, args: usize): void {
  const gates = load<usize>(args, 4), hidden = load<usize>(args, 8), rows = load<i32>(args, 12), bytes = <usize>load<i32>(args, 16) << 2;
  for (let first = nextTask(args) * ROWS; first < rows; first = nextTask(args) * ROWS) {
    const end = least(rows, first + ROWS);
    for (let row = first; row < end; row++) {
      const gate = gates + <usize>row * 2 * bytes, to = hidden + <usize>row * bytes;
      const up = gate + bytes;
      for (let i: usize = 0; i < bytes; i += 16) {
        const a = v128.load(gate + i), b = v128.load(up + i), d = v128.load(to + i);
        const s = sigmoid4(a);
        const silu = f32x4.mul(a, s);
        v128.store(to + i, f32x4.mul(silu, b));
        v128.store(gate + i, f32x4.mul(f32x4.mul(d, b), siluSlope4(a, s)));
        v128.store(up + i, f32x4.mul(d, silu));
      }
    }
  }
}
