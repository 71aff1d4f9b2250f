// Global norm of the gradient and AdamW (definition: src/optimizer-split.ts).

import { madd } from './fast-math';
import { least, nextTask } from './tasks';

/** Floats whose squares make one partial sum. */
const NORM_BLOCK: i32 = 32768;

/** Op. args: counter, gradient, floats (a multiple of 8), partials (f64 [ceil(floats / 32768)]). The host adds the partials up. */
export function squareSums(thread: i32, threads: i32, args: usize): void {
  const gradient = load<usize>(args, 4), count = load<i32>(args, 8), partials = load<usize>(args, 12);
  const blocks = (count + NORM_BLOCK - 1) / NORM_BLOCK;
  for (let block = nextTask(args); block < blocks; block = nextTask(args)) {
    const end = gradient + (<usize>least(count, (block + 1) * NORM_BLOCK) << 2);
    let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
    for (let at = gradient + (<usize>block * <usize>NORM_BLOCK << 2); at < end; at += 16) {
      const v = v128.load(at);
      const low = f64x2.promote_low_f32x4(v), high = f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
      s0 = f64x2.relaxed_madd(low, low, s0);
      s1 = f64x2.relaxed_madd(high, high, s1);
    }
    s0 = f64x2.add(s0, s1);
    store<f64>(partials + (<usize>block << 3), f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1));
  }
}

/**
 * Op. args: counter, segments, number of segments, param, gradient, m, v (bases of four arrays of one layout), gradient scale, beta1, 1 - beta1, beta2,
 * 1 - beta2, learning rate, epsilon, 1 / (1 - beta1^t), 1 / (1 - beta2^t), learning rate * weight decay (all f32).
 * A segment is (offset in bytes, floats, decayed 0 or 1); floats are a multiple of 8.
 */
export function adamw(thread: i32, threads: i32, args: usize): void {
  const segments = load<usize>(args, 4), count = load<i32>(args, 8);
  const param = load<usize>(args, 12), gradient = load<usize>(args, 16), m = load<usize>(args, 20), v = load<usize>(args, 24);
  const scale = v128.load_splat<f32>(args, 28);
  const beta1 = v128.load_splat<f32>(args, 32), rest1 = v128.load_splat<f32>(args, 36);
  const beta2 = v128.load_splat<f32>(args, 40), rest2 = v128.load_splat<f32>(args, 44);
  const rate = v128.load_splat<f32>(args, 48), epsilon = v128.load_splat<f32>(args, 52);
  const correction1 = v128.load_splat<f32>(args, 56), correction2 = v128.load_splat<f32>(args, 60);
  for (let segment = nextTask(args); segment < count; segment = nextTask(args)) {
    const entry = segments + <usize>segment * 12;
    const decay = load<i32>(entry, 8) ? v128.load_splat<f32>(args, 64) : f32x4.splat(0);
    const start = load<usize>(entry);
    const end = start + (load<usize>(entry, 4) << 2);
    for (let at = start; at < end; at += 32) {
      const g0 = f32x4.mul(v128.load(gradient + at), scale), g1 = f32x4.mul(v128.load(gradient + at, 16), scale);
      const m0 = madd(beta1, v128.load(m + at), f32x4.mul(rest1, g0)), m1 = madd(beta1, v128.load(m + at, 16), f32x4.mul(rest1, g1));
      const v0 = madd(beta2, v128.load(v + at), f32x4.mul(f32x4.mul(rest2, g0), g0));
      const v1 = madd(beta2, v128.load(v + at, 16), f32x4.mul(f32x4.mul(rest2, g1), g1));
      const p0 = v128.load(param + at), p1 = v128.load(param + at, 16);
      const kept0 = f32x4.sub(p0, f32x4.mul(decay, p0)), kept1 = f32x4.sub(p1, f32x4.mul(decay, p1));
      const divisor0 = f32x4.add(f32x4.sqrt(f32x4.mul(v0, correction2)), epsilon);
      const divisor1 = f32x4.add(f32x4.sqrt(f32x4.mul(v1, correction2)), epsilon);
      v128.store(m + at, m0);
      v128.store(m + at, m1, 16);
      v128.store(v + at, v0);
      v128.store(v + at, v1, 16);
      v128.store(param + at, f32x4.sub(kept0, f32x4.div(f32x4.mul(f32x4.mul(rate, correction1), m0), divisor0)));
      v128.store(param + at, f32x4.sub(kept1, f32x4.div(f32x4.mul(f32x4.mul(rate, correction1), m1), divisor1)), 16);
    }
  }
}
