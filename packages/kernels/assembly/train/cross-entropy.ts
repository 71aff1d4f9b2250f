// Softmax cross-entropy over one chunk of rows of logits, in place: a chunk is read and turned into its gradient before the next chunk's logits exist.

import { exp4, sum4 } from './fast-math';
import { nextTask } from './tasks';

/**
 * Op. args: counter, logits, row bytes, rows, vocabulary, targets (u16), results (f64 [rows][2]), scale (f32), with gradient.
 * results: (largest logit - target's logit, sum of e^(logit - largest)); the loss of a row is the first plus the logarithm of the second.
 * With gradient != 0 the logits become (softmax - onehot(target)) * scale, and the padding up to a multiple of 8 columns becomes 0.
 */
export function crossEntropy(thread: i32, threads: i32, args: usize): void {
  const logits = load<usize>(args, 4), ld = load<usize>(args, 8), rows = load<i32>(args, 12), vocab = load<i32>(args, 16);
  const targets = load<usize>(args, 20), results = load<usize>(args, 24), scale = load<f32>(args, 28), withGradient = load<i32>(args, 32);
  for (let row = nextTask(args); row < rows; row = nextTask(args)) {
    rowLoss(
      logits + <usize>row * ld, vocab, <usize>load<u16>(targets + (<usize>row << 1)), results + (<usize>row << 4), scale, withGradient != 0,
    );
  }
}

function largest(row: usize, whole: usize, end: usize): f32 {
  let m0 = f32x4.splat(-Infinity), m1 = m0, m2 = m0, m3 = m0;
  let i = row;
  for (const stop = row + ((whole - row) & ~63); i < stop; i += 64) {
    m0 = f32x4.pmax(m0, v128.load(i));
    m1 = f32x4.pmax(m1, v128.load(i, 16));
    m2 = f32x4.pmax(m2, v128.load(i, 32));
    m3 = f32x4.pmax(m3, v128.load(i, 48));
  }
  for (; i < whole; i += 16) m0 = f32x4.pmax(m0, v128.load(i));
  m0 = f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3));
  m0 = f32x4.pmax(m0, v128.shuffle<f32>(m0, m0, 2, 3, 0, 1));
  let m = max<f32>(f32x4.extract_lane(m0, 0), f32x4.extract_lane(m0, 1));
  for (; i < end; i += 4) m = max<f32>(m, load<f32>(i));
  return m;
}

function rowLoss(row: usize, vocab: i32, target: usize, result: usize, scale: f32, withGradient: bool): void {
  const end = row + (<usize>vocab << 2), whole = row + (<usize>(vocab & ~3) << 2);
  const m = largest(row, whole, end);
  store<f64>(result, <f64>m - <f64>load<f32>(row + (target << 2)));
  const top = f32x4.splat(m);
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  let i = row;
  for (const stop = row + ((whole - row) & ~31); i < stop; i += 32) {
    const v0 = v128.load(i), v1 = v128.load(i, 16);
    const e0 = exp4(f32x4.sub(v0, top)), e1 = exp4(f32x4.sub(v1, top));
    s0 = f32x4.add(s0, e0);
    s1 = f32x4.add(s1, e1);
    v128.store(i, e0);
    v128.store(i, e1, 16);
  }
  for (; i < whole; i += 16) {
    const e = exp4(f32x4.sub(v128.load(i), top));
    s0 = f32x4.add(s0, e);
    v128.store(i, e);
  }
  let sum = sum4(f32x4.add(s0, s1));
  for (; i < end; i += 4) {
    const e = f32x4.extract_lane(exp4(f32x4.sub(v128.load_splat<f32>(i), top)), 0);
    sum += e;
    store<f32>(i, e);
  }
  store<f64>(result, <f64>sum, 8);
  if (!withGradient) return;
  const factor = scale / sum;
  const factors = f32x4.splat(factor);
  i = row;
  for (const stop = row + ((whole - row) & ~31); i < stop; i += 32) {
    const v0 = f32x4.mul(v128.load(i), factors), v1 = f32x4.mul(v128.load(i, 16), factors);
    v128.store(i, v0);
    v128.store(i, v1, 16);
  }
  for (; i < whole; i += 16) v128.store(i, f32x4.mul(v128.load(i), factors));
  for (; i < end; i += 4) store<f32>(i, load<f32>(i) * factor);
  for (const stop = row + (<usize>((vocab + 7) & ~7) << 2); i < stop; i += 4) store<f32>(i, 0);
  const at = row + (target << 2);
  store<f32>(at, load<f32>(at) - scale);
}
