// y = sum over the five kernels K of silu(a_K), a_K[t] = sum over lag j < K of u[t - j] taps_K[j], channel by channel, with u = rmsnorm(x).
//
// Strips: four channels of one window lie together, one v128 per time step, so that every load in the inner loops has a constant offset and the whole strip stays
// in the first-level cache. Zeros before (or, for the backward pass, behind) a strip stand for the steps outside the window. A task takes two strips.
// Eight time steps (or eight lags) are computed at a time: eight independent sums hide the latency of the additions.
//
// Branches: the a_K of all strips, [window][strip][K][padded time][4 channels]; padded time is the window rounded up to 8.

import { madd, sigmoid4, siluSlope4 } from './fast-math';
import { nextTask } from './tasks';

/** Zero steps before u and behind da: the longest kernel's lags, rounded up to a block of eight. */
const HALO: usize = 64;
const HALO_BYTES: usize = HALO * 16;
const TAPS: i32 = 119;
const BRANCHES: i32 = 5;

/** Length of kernel k, 2^(k + 2) - 1: 3, 7, 15, 31, 63. */
// @ts-ignore: decorator
@inline
function kernelSize(k: i32): i32 {
  return (4 << k) - 1;
}

/** First row of kernel k in the taps: 0, 3, 10, 25, 56. */
// @ts-ignore: decorator
@inline
function kernelOffset(k: i32): i32 {
  return (4 << k) - 4 - k;
}

/** First row of kernel k in the scratch of tap gradients, where every kernel is rounded up to blocks of eight lags: 0, 8, 16, 32, 64; 128 rows in all. */
// @ts-ignore: decorator
@inline
function lagRow(k: i32): i32 {
  return k == 0 ? 0 : 4 << k;
}

/** a[t] = sum over j of u[t - j] taps[j] for a strip; y takes silu(a), or adds it. `steps` is a multiple of 8. */
function branchForward(u: usize, taps: usize, size: i32, a: usize, y: usize, steps: i32, first: bool): void {
  const tapsEnd = taps + (<usize>size << 4);
  for (const end = u + (<usize>steps << 4); u < end; u += 128) {
    let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
    let c4 = f32x4.splat(0), c5 = f32x4.splat(0), c6 = f32x4.splat(0), c7 = f32x4.splat(0);
    let at = u;
    for (let tap = taps; tap < tapsEnd; tap += 16) {
      const w = v128.load(tap);
      c0 = madd(w, v128.load(at), c0);
      c1 = madd(w, v128.load(at, 16), c1);
      c2 = madd(w, v128.load(at, 32), c2);
      c3 = madd(w, v128.load(at, 48), c3);
      c4 = madd(w, v128.load(at, 64), c4);
      c5 = madd(w, v128.load(at, 80), c5);
      c6 = madd(w, v128.load(at, 96), c6);
      c7 = madd(w, v128.load(at, 112), c7);
      at -= 16;
    }
    v128.store(a, c0);
    v128.store(a, c1, 16);
    v128.store(a, c2, 32);
    v128.store(a, c3, 48);
    v128.store(a, c4, 64);
    v128.store(a, c5, 80);
    v128.store(a, c6, 96);
    v128.store(a, c7, 112);
    for (const stop = a + 128; a < stop; a += 16) {
      const v = v128.load(a);
      const silu = f32x4.mul(v, sigmoid4(v));
      v128.store(y, first ? silu : f32x4.add(v128.load(y), silu));
      y += 16;
    }
  }
}

/** Two strips of u = x * r * gain for steps 0..window-1 at strip0, strip1 (their step 0). */
function gatherNormed(x: usize, r: usize, gain: usize, bytes: usize, window: i32, strip0: usize, strip1: usize): void {
  const g0 = v128.load(gain), g1 = v128.load(gain, 16);
  for (let t = 0; t < window; t++) {
    const scale = v128.load_splat<f32>(r);
    v128.store(strip0, f32x4.mul(f32x4.mul(v128.load(x), scale), g0));
    v128.store(strip1, f32x4.mul(f32x4.mul(v128.load(x, 16), scale), g1));
    x += bytes;
    r += 4;
    strip0 += 16;
    strip1 += 16;
  }
}

/** The taps of four channels, one v128 per row. */
function gatherTaps(taps: usize, bytes: usize, dst: usize): void {
  for (let row = 0; row < TAPS; row++) {
    v128.store(dst, v128.load(taps));
    taps += bytes;
    dst += 16;
  }
}

/**
 * Op. args: counter, x, r, gain, taps, y (= x + convolution), branches, windows, window, stride (floats), scratch, scratch bytes per thread
 * (at least 16 (4 padded + 2 * 64 + 119)).
 */
export function convolutionForward(thread: i32, threads: i32, args: usize): void {
  const x = load<usize>(args, 4), r = load<usize>(args, 8), gain = load<usize>(args, 12), taps = load<usize>(args, 16);
  const y = load<usize>(args, 20), branches = load<usize>(args, 24);
  const windows = load<i32>(args, 28), window = load<i32>(args, 32), stride = load<i32>(args, 36);
  const scratch = load<usize>(args, 40) + <usize>thread * load<usize>(args, 44);
  const bytes = <usize>stride << 2;
  const steps = (window + 7) & ~7;
  const strip = <usize>steps << 4;
  const u0 = scratch + HALO_BYTES, u1 = u0 + strip + HALO_BYTES;
  const y0 = u1 + strip, y1 = y0 + strip, tapStrip = y1 + strip;
  memory.fill(scratch, 0, 2 * (HALO_BYTES + strip));
  const groups = stride / 8;
  for (let task = nextTask(args); task < windows * groups; task = nextTask(args)) {
    const group = <usize>(task % groups);
    const index = <usize>(task / groups);
    const column = group << 5;
    const first = index * <usize>window;
    gatherNormed(x + first * bytes + column, r + (first << 2), gain + column, bytes, window, u0, u1);
    for (let half: usize = 0; half < 2; half++) {
      gatherTaps(taps + column + (half << 4), bytes, tapStrip);
      const a = branches + ((index * <usize>groups + group) * 2 + half) * <usize>BRANCHES * strip;
      for (let k = 0; k < BRANCHES; k++) {
        branchForward(
          half ? u1 : u0, tapStrip + (<usize>kernelOffset(k) << 4), kernelSize(k), a + <usize>k * strip, half ? y1 : y0, steps, k == 0,
        );
      }
    }
    let from = x + first * bytes + column, to = y + first * bytes + column;
    for (let t: usize = 0; t < <usize>window; t++) {
      v128.store(to, f32x4.add(v128.load(from), v128.load(y0 + (t << 4))));
      v128.store(to, f32x4.add(v128.load(from, 16), v128.load(y1 + (t << 4))), 16);
      from += bytes;
      to += bytes;
    }
  }
}

/** du[s] = sum over j of da[s + j] taps[j] for a strip, or adds it. `steps` is a multiple of 8. */
function branchInputGradient(da: usize, taps: usize, size: i32, du: usize, steps: i32, first: bool): void {
  const tapsEnd = taps + (<usize>size << 4);
  for (const end = da + (<usize>steps << 4); da < end; da += 128) {
    let c0 = f32x4.splat(0), c1 = f32x4.splat(0), c2 = f32x4.splat(0), c3 = f32x4.splat(0);
    let c4 = f32x4.splat(0), c5 = f32x4.splat(0), c6 = f32x4.splat(0), c7 = f32x4.splat(0);
    if (!first) {
      c0 = v128.load(du);
      c1 = v128.load(du, 16);
      c2 = v128.load(du, 32);
      c3 = v128.load(du, 48);
      c4 = v128.load(du, 64);
      c5 = v128.load(du, 80);
      c6 = v128.load(du, 96);
      c7 = v128.load(du, 112);
    }
    let at = da;
    for (let tap = taps; tap < tapsEnd; tap += 16) {
      const w = v128.load(tap);
      c0 = madd(w, v128.load(at), c0);
      c1 = madd(w, v128.load(at, 16), c1);
      c2 = madd(w, v128.load(at, 32), c2);
      c3 = madd(w, v128.load(at, 48), c3);
      c4 = madd(w, v128.load(at, 64), c4);
      c5 = madd(w, v128.load(at, 80), c5);
      c6 = madd(w, v128.load(at, 96), c6);
      c7 = madd(w, v128.load(at, 112), c7);
      at += 16;
    }
    v128.store(du, c0);
    v128.store(du, c1, 16);
    v128.store(du, c2, 32);
    v128.store(du, c3, 48);
    v128.store(du, c4, 64);
    v128.store(du, c5, 80);
    v128.store(du, c6, 96);
    v128.store(du, c7, 112);
    du += 128;
  }
}

/** Adds sum over t of da[t] u[t - j] to dtaps[j], for the lags of one kernel in blocks of eight. */
function branchTapGradient(da: usize, u: usize, size: i32, dtaps: usize, window: i32): void {
  const end = da + (<usize>window << 4);
  for (let lag = 0; lag < size; lag += 8) {
    let c0 = v128.load(dtaps), c1 = v128.load(dtaps, 16), c2 = v128.load(dtaps, 32), c3 = v128.load(dtaps, 48);
    let c4 = v128.load(dtaps, 64), c5 = v128.load(dtaps, 80), c6 = v128.load(dtaps, 96), c7 = v128.load(dtaps, 112);
    // Input of the block's last lag; those of smaller lags follow it.
    let at = u - (<usize>(lag + 7) << 4);
    for (let t = da; t < end; t += 16) {
      const d = v128.load(t);
      c7 = madd(d, v128.load(at), c7);
      c6 = madd(d, v128.load(at, 16), c6);
      c5 = madd(d, v128.load(at, 32), c5);
      c4 = madd(d, v128.load(at, 48), c4);
      c3 = madd(d, v128.load(at, 64), c3);
      c2 = madd(d, v128.load(at, 80), c2);
      c1 = madd(d, v128.load(at, 96), c1);
      c0 = madd(d, v128.load(at, 112), c0);
      at += 16;
    }
    v128.store(dtaps, c0);
    v128.store(dtaps, c1, 16);
    v128.store(dtaps, c2, 32);
    v128.store(dtaps, c3, 48);
    v128.store(dtaps, c4, 64);
    v128.store(dtaps, c5, 80);
    v128.store(dtaps, c6, 96);
    v128.store(dtaps, c7, 112);
    dtaps += 128;
  }
}

/**
 * Op. args: counter, x, r, gain, taps, dy, branches, du (written), dtaps (written), windows, window, stride (floats), scratch, scratch bytes per thread
 * (at least 16 (7 padded + 3 * 64 + 2 * 119 + 2 * 128)). A task owns eight channels and takes all windows in order, so the tap gradients need no second sum.
 */
export function convolutionBackward(thread: i32, threads: i32, args: usize): void {
  const x = load<usize>(args, 4), r = load<usize>(args, 8), gain = load<usize>(args, 12), taps = load<usize>(args, 16), dy = load<usize>(args, 20);
  const branches = load<usize>(args, 24), du = load<usize>(args, 28), dtaps = load<usize>(args, 32);
  const windows = load<i32>(args, 36), window = load<i32>(args, 40), stride = load<i32>(args, 44);
  const scratch = load<usize>(args, 48) + <usize>thread * load<usize>(args, 52);
  const bytes = <usize>stride << 2;
  const steps = (window + 7) & ~7;
  const strip = <usize>steps << 4;
  const u0 = scratch + HALO_BYTES, u1 = u0 + strip + HALO_BYTES;
  const da = u1 + strip, dy0 = da + strip + HALO_BYTES, dy1 = dy0 + strip, du0 = dy1 + strip, du1 = du0 + strip;
  const tapStrips = du1 + strip, lags = tapStrips + (<usize>(2 * TAPS) << 4);
  memory.fill(scratch, 0, 3 * (HALO_BYTES + strip));
  const groups = stride / 8;
  for (let group = nextTask(args); group < groups; group = nextTask(args)) {
    const column = <usize>group << 5;
    gatherTaps(taps + column, bytes, tapStrips);
    gatherTaps(taps + column + 16, bytes, tapStrips + (<usize>TAPS << 4));
    memory.fill(lags, 0, 2 * 128 * 16);
    for (let index: usize = 0; index < <usize>windows; index++) {
      const first = index * <usize>window;
      gatherNormed(x + first * bytes + column, r + (first << 2), gain + column, bytes, window, u0, u1);
      gatherPlain(dy + first * bytes + column, bytes, window, dy0, dy1);
      for (let half: usize = 0; half < 2; half++) {
        const a = branches + ((index * <usize>groups + <usize>group) * 2 + half) * <usize>BRANCHES * strip;
        const tapStrip = tapStrips + ((half * <usize>TAPS) << 4);
        for (let k = 0; k < BRANCHES; k++) {
          branchGradient(a + <usize>k * strip, half ? dy1 : dy0, da, window);
          branchInputGradient(da, tapStrip + (<usize>kernelOffset(k) << 4), kernelSize(k), half ? du1 : du0, steps, k == 0);
          branchTapGradient(da, half ? u1 : u0, kernelSize(k), lags + ((half * 128 + <usize>lagRow(k)) << 4), window);
        }
      }
      let to = du + first * bytes + column;
      for (let t: usize = 0; t < <usize>window; t++) {
        v128.store(to, v128.load(du0 + (t << 4)));
        v128.store(to, v128.load(du1 + (t << 4)), 16);
        to += bytes;
      }
    }
    for (let k = 0; k < BRANCHES; k++) {
      for (let j = 0; j < kernelSize(k); j++) {
        const to = dtaps + <usize>(kernelOffset(k) + j) * bytes + column;
        const from = lags + (<usize>(lagRow(k) + j) << 4);
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from + 128 * 16), 16);
      }
    }
  }
}

function gatherPlain(x: usize, bytes: usize, window: i32, strip0: usize, strip1: usize): void {
  for (let t = 0; t < window; t++) {
    v128.store(strip0, v128.load(x));
    v128.store(strip1, v128.load(x, 16));
    x += bytes;
    strip0 += 16;
    strip1 += 16;
  }
}

/** da = dy * slope of SiLU at a, for a strip. */
function branchGradient(a: usize, dy: usize, da: usize, window: i32): void {
  for (const end = a + (<usize>window << 4); a < end; a += 16) {
    const v = v128.load(a);
    v128.store(da, f32x4.mul(v128.load(dy), siluSlope4(v, sigmoid4(v))));
    dy += 16;
    da += 16;
  }
}
