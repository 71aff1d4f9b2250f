// minGRU with output gate: z = sigmoid(az), c = g(ah), h += z (c - h), o = silu(ag) h; h starts at 0 in every window.
// A row of `gates` is [az | ah | ag], each `stride` floats; after the forward pass it holds [z | c | ag], after the backward pass the gradients of az, ah and ag.
// A task is one window and eight channels; time runs inside it.

import { madd, sigmoid4, siluSlope4 } from './fast-math';
import { nextTask } from './tasks';

/** g(a) = a + 1/2 for a >= 0, else sigmoid(a). */
// @ts-ignore: decorator
@inline
function candidate(a: v128): v128 {
  return v128.bitselect(f32x4.add(a, f32x4.splat(0.5)), sigmoid4(a), f32x4.ge(a, f32x4.splat(0)));
}

/** Slope of g from its value c: 1 where c >= 1/2 (that is a >= 0), else c (1 - c). */
// @ts-ignore: decorator
@inline
function candidateSlope(c: v128): v128 {
  const one = f32x4.splat(1);
  return v128.bitselect(one, f32x4.mul(c, f32x4.sub(one, c)), f32x4.ge(c, f32x4.splat(0.5)));
}

// @ts-ignore: decorator
@inline
function forwardStep(gate: usize, width: usize, h: v128, hAt: usize, oAt: usize): v128 {
  const z = sigmoid4(v128.load(gate));
  const c = candidate(v128.load(gate + width));
  const ag = v128.load(gate + 2 * width);
  const next = madd(z, f32x4.sub(c, h), h);
  v128.store(gate, z);
  v128.store(gate + width, c);
  v128.store(hAt, next);
  v128.store(oAt, f32x4.mul(f32x4.mul(ag, sigmoid4(ag)), next));
  return next;
}

/** Op. args: counter, gates, h [R][stride], o [R][stride], windows, window, stride (floats). */
export function scanForward(thread: i32, threads: i32, args: usize): void {
  const gates = load<usize>(args, 4), h = load<usize>(args, 8), o = load<usize>(args, 12);
  const windows = load<i32>(args, 16), window = load<i32>(args, 20), stride = load<i32>(args, 24);
  const bytes = <usize>stride << 2;
  const groups = stride / 8;
  for (let task = nextTask(args); task < windows * groups; task = nextTask(args)) {
    const column = <usize>(task % groups) << 5;
    const row = <usize>(task / groups) * <usize>window;
    let gate = gates + row * 3 * bytes + column;
    let at = row * bytes + column;
    let h0 = f32x4.splat(0), h1 = f32x4.splat(0);
    for (let t = 0; t < window; t++) {
      h0 = forwardStep(gate, bytes, h0, h + at, o + at);
      h1 = forwardStep(gate + 16, bytes, h1, h + at + 16, o + at + 16);
      gate += 3 * bytes;
      at += bytes;
    }
  }
}

/** Returns what flows on to h of the step before. */
// @ts-ignore: decorator
@inline
function backwardStep(gate: usize, width: usize, h: v128, before: v128, carry: v128, oAt: usize): v128 {
  const one = f32x4.splat(1);
  const z = v128.load(gate), c = v128.load(gate + width), ag = v128.load(gate + 2 * width), dO = v128.load(oAt);
  const s = sigmoid4(ag);
  const silu = f32x4.mul(ag, s);
  const dh = madd(dO, silu, carry);
  const keep = f32x4.sub(one, z);
  v128.store(gate, f32x4.mul(f32x4.mul(dh, f32x4.sub(c, before)), f32x4.mul(z, keep)));
  v128.store(gate + width, f32x4.mul(f32x4.mul(dh, z), candidateSlope(c)));
  v128.store(gate + 2 * width, f32x4.mul(f32x4.mul(dO, h), siluSlope4(ag, s)));
  v128.store(oAt, f32x4.mul(silu, h));
  return f32x4.mul(dh, keep);
}

/** Op, same args. o holds its gradient on entry and o itself (computed again) on exit. */
export function scanBackward(thread: i32, threads: i32, args: usize): void {
  const gates = load<usize>(args, 4), h = load<usize>(args, 8), o = load<usize>(args, 12);
  const windows = load<i32>(args, 16), window = load<i32>(args, 20), stride = load<i32>(args, 24);
  const bytes = <usize>stride << 2;
  const groups = stride / 8;
  for (let task = nextTask(args); task < windows * groups; task = nextTask(args)) {
    const column = <usize>(task % groups) << 5;
    const row = <usize>(task / groups) * <usize>window + <usize>(window - 1);
    let gate = gates + row * 3 * bytes + column;
    let at = row * bytes + column;
    let carry0 = f32x4.splat(0), carry1 = f32x4.splat(0);
    let h0 = v128.load(h + at), h1 = v128.load(h + at, 16);
    for (let t = window - 1; t >= 0; t--) {
      let before0 = f32x4.splat(0), before1 = f32x4.splat(0);
      if (t > 0) {
        before0 = v128.load(h + at - bytes);
        before1 = v128.load(h + at - bytes, 16);
      }
      carry0 = backwardStep(gate, bytes, h0, before0, carry0, o + at);
      carry1 = backwardStep(gate + 16, bytes, h1, before1, carry1, o + at + 16);
      h0 = before0;
      h1 = before1;
      gate -= 3 * bytes;
      at -= bytes;
    }
  }
}
