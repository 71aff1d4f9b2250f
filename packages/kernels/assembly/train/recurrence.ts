// minGRU: z = sigmoid(az), c = g(ah), h += z (c - h); h starts at 0 in every window.
// A row of `gates` is [az | ah], each `stride` floats; after the forward pass it holds [z | c], after the backward pass the gradients of az and ah.
// A task is one window and eight channels; time runs inside it.

import { half4, madd, one4, sigmoid4 } from './fast-math';
import { nextTask } from './tasks';

/** g(a) = a + 1/2 for a >= 0, else sigmoid(a). */
// @ts-ignore: decorator
@inline
function candidate(a: v128): v128 {
  return v128.bitselect(f32x4.add(a, half4()), sigmoid4(a), f32x4.ge(a, f32x4.splat(0)));
}

/** Slope of g from its value c: 1 where c >= 1/2 (that is a >= 0), else c (1 - c). */
// @ts-ignore: decorator
@inline
function candidateSlope(c: v128): v128 {
  return v128.bitselect(one4(), f32x4.mul(c, f32x4.sub(one4(), c)), f32x4.ge(c, half4()));
}

/** Op. args: counter, gates, h [R][stride], windows, window, stride (floats). */
export function scanForward(thread: i32, threads: i32, args: usize): void {
  const gates = load<usize>(args, 4), h = load<usize>(args, 8);
  const windows = load<i32>(args, 12), window = load<i32>(args, 16), stride = load<i32>(args, 20);
  const bytes = <usize>stride << 2;
  const groups = stride / 8;
  for (let task = nextTask(args); task < windows * groups; task = nextTask(args)) {
    const column = <usize>(task % groups) << 5;
    const row = <usize>(task / groups) * <usize>window;
    let gate = gates + row * 2 * bytes + column;
    let at = row * bytes + column;
    let h0 = f32x4.splat(0), h1 = f32x4.splat(0);
    for (let t = 0; t < window; t++) {
      const az0 = v128.load(gate), az1 = v128.load(gate, 16);
      const ah0 = v128.load(gate + bytes), ah1 = v128.load(gate + bytes, 16);
      const z0 = sigmoid4(az0), z1 = sigmoid4(az1);
      const c0 = candidate(ah0), c1 = candidate(ah1);
      h0 = madd(z0, f32x4.sub(c0, h0), h0);
      h1 = madd(z1, f32x4.sub(c1, h1), h1);
      v128.store(gate, z0);
      v128.store(gate, z1, 16);
      v128.store(gate + bytes, c0);
      v128.store(gate + bytes, c1, 16);
      v128.store(h + at, h0);
      v128.store(h + at, h1, 16);
      gate += 2 * bytes;
      at += bytes;
    }
  }
}

/** Op. args: counter, gates, h, gradient of h [R][stride], windows, window, stride (floats). */
export function scanBackward(thread: i32, threads: i32, args: usize): void {
  const gates = load<usize>(args, 4), h = load<usize>(args, 8), dh = load<usize>(args, 12);
  const windows = load<i32>(args, 16), window = load<i32>(args, 20), stride = load<i32>(args, 24);
  const bytes = <usize>stride << 2;
  const groups = stride / 8;
  for (let task = nextTask(args); task < windows * groups; task = nextTask(args)) {
    const column = <usize>(task % groups) << 5;
    const row = <usize>(task / groups) * <usize>window + <usize>(window - 1);
    let gate = gates + row * 2 * bytes + column;
    let at = row * bytes + column;
    // What flows from a step to the state before it.
    let carry0 = f32x4.splat(0), carry1 = f32x4.splat(0);
    for (let t = window - 1; t >= 0; t--) {
      let before0 = f32x4.splat(0), before1 = f32x4.splat(0);
      if (t > 0) {
        before0 = v128.load(h + at - bytes);
        before1 = v128.load(h + at - bytes, 16);
      }
      const z0 = v128.load(gate), z1 = v128.load(gate, 16);
      const c0 = v128.load(gate + bytes), c1 = v128.load(gate + bytes, 16);
      const dh0 = f32x4.add(v128.load(dh + at), carry0), dh1 = f32x4.add(v128.load(dh + at, 16), carry1);
      const keep0 = f32x4.sub(one4(), z0), keep1 = f32x4.sub(one4(), z1);
      carry0 = f32x4.mul(dh0, keep0);
      carry1 = f32x4.mul(dh1, keep1);
      const daz0 = f32x4.mul(f32x4.mul(dh0, f32x4.sub(c0, before0)), f32x4.mul(z0, keep0));
      const daz1 = f32x4.mul(f32x4.mul(dh1, f32x4.sub(c1, before1)), f32x4.mul(z1, keep1));
      const dah0 = f32x4.mul(f32x4.mul(dh0, z0), candidateSlope(c0)), dah1 = f32x4.mul(f32x4.mul(dh1, z1), candidateSlope(c1));
      v128.store(gate, daz0);
      v128.store(gate, daz1, 16);
      v128.store(gate + bytes, dah0);
      v128.store(gate + bytes, dah1, 16);
      gate -= 2 * bytes;
      at -= bytes;
    }
  }
}
