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
      for (let i: usize = 0; i < bytes; i += 32) {
        const a0 = v128.load(gate + i), a1 = v128.load(gate + i, 16);
        const h0 = f32x4.mul(f32x4.mul(a0, sigmoid4(a0)), v128.load(up + i));
        const h1 = f32x4.mul(f32x4.mul(a1, sigmoid4(a1)), v128.load(up + i, 16));
        v128.store(to + i, h0);
        v128.store(to + i, h1, 16);
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
      for (let i: usize = 0; i < bytes; i += 32) {
        const a0 = v128.load(gate + i), a1 = v128.load(gate + i, 16);
        const b0 = v128.load(up + i), b1 = v128.load(up + i, 16);
        const d0 = v128.load(to + i), d1 = v128.load(to + i, 16);
        const s0 = sigmoid4(a0), s1 = sigmoid4(a1);
        const silu0 = f32x4.mul(a0, s0), silu1 = f32x4.mul(a1, s1);
        const gate0 = f32x4.mul(f32x4.mul(d0, b0), siluSlope4(a0, s0)), gate1 = f32x4.mul(f32x4.mul(d1, b1), siluSlope4(a1, s1));
        v128.store(to + i, f32x4.mul(silu0, b0));
        v128.store(to + i, f32x4.mul(silu1, b1), 16);
        v128.store(gate + i, gate0);
        v128.store(gate + i, gate1, 16);
        v128.store(up + i, f32x4.mul(d0, silu0));
        v128.store(up + i, f32x4.mul(d1, silu1), 16);
      }
    }
  }
}
