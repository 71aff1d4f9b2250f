// Single operations on arrays, for the start-up self-test.

import { exp32, flush, sigmoid, silu } from '../common/f32';
import { inverseNorm } from './norm';
import { multiplyPanel, panelAt, widenPanel } from './gemm';
import { log64 } from './loss';

const FLUSH = 0;
const EXP = 1;
const SIGMOID = 2;
const SILU = 3;
const DIVIDE = 4;
const MULTIPLY_ADD = 5;
const MULTIPLY = 6;

/**
 * args: operation, a, b, c (f32 arrays), out (f32), count (a multiple of 4). out = F(a), exp32(a), sigmoid(a), silu(a), a / b, fl(fl(a b) + c), or fl(a b). A fused
 * or flushing machine gives other bits.
 */
export function probe(thread: i32, threads: i32, args: usize): void {
  if (thread != 0) return;
  const operation = load<i32>(args);
  const a = load<usize>(args, 4);
  const b = load<usize>(args, 8);
  const c = load<usize>(args, 12);
  const out = load<usize>(args, 16);
  for (let at: usize = 0; at < <usize>load<i32>(args, 20) << 2; at += 16) {
    const v = v128.load(a + at);
    let result = v;
    if (operation == FLUSH) result = flush(v);
    else if (operation == EXP) result = exp32(v);
    else if (operation == SIGMOID) result = sigmoid(v);
    else if (operation == SILU) result = silu(v);
    else if (operation == DIVIDE) result = f32x4.div(v, v128.load(b + at));
    else if (operation == MULTIPLY_ADD) result = f32x4.add(f32x4.mul(v, v128.load(b + at)), v128.load(c + at));
    else if (operation == MULTIPLY) result = f32x4.mul(v, v128.load(b + at));
    v128.store(out + at, result);
  }
}

/** args: a (f32 [16 n]), out (f32), 16 n, scale (f32). out = r of EVAL-5. */
export function probeNorm(thread: i32, threads: i32, args: usize): void {
  if (thread == 0) store<f32>(load<usize>(args, 4), inverseNorm(load<usize>(args), load<i32>(args, 8), load<f32>(args, 12)));
}

/** args: a, out (f64 arrays), count. out = log64(a). */
export function probeLog(thread: i32, threads: i32, args: usize): void {
  if (thread != 0) return;
  const a = load<usize>(args);
  const out = load<usize>(args, 4);
  for (let at: usize = 0; at < <usize>load<i32>(args, 8) << 3; at += 8) store<f64>(out + at, log64(load<f64>(a + at)));
}

/**
 * The register tile at work, to measure its speed: every thread multiplies x [rows, k] by all panels. args: x, rows, k, groups (gemm.ts), panels, zeros (8 f32), then
 * for each thread the addresses of room for a widened panel and of an output [rows, 8].
 */
export function probeMultiply(thread: i32, threads: i32, args: usize): void {
  const rows = load<i32>(args, 4);
  const k = load<i32>(args, 8);
  const room = load<usize>(args + (<usize>thread << 3), 24);
  const out = load<usize>(args + (<usize>thread << 3), 28);
  for (let p = 0; p < load<i32>(args, 16); p++) {
    widenPanel(panelAt(load<usize>(args, 12), p, k), k, room);
    multiplyPanel(load<usize>(args), <usize>k << 2, rows, room, k, load<usize>(args, 20), out);
  }
}
