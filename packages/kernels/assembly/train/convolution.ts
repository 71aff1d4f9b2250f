// y = sum over the five kernels K of silu(a_K), a_K[t] = sum over lag j < K of u[t - j] taps_K[j], channel by channel, with u = rmsnorm(x).
//
// Strips: eight channels of one window lie together, 32 bytes per time step, so that every load in the inner loops has a constant offset and the whole strip stays
// in the first-level cache. Zeros before (or, for the backward pass, behind) a strip stand for the steps outside the window. A task takes one strip.
// Eight time steps (or eight lags) are computed at a time: eight independent sums, each a pair of vectors (fast-math.ts), hide the latency of the additions.
//
// Branches: the a_K of all strips, [window][strip][K][padded time][8 channels]; padded time is the window rounded up to 8.

import { madd, sigmoid4, siluSlope4 } from './fast-math';
import { nextTask } from './tasks';

/** Zero steps before u and behind da: the longest kernel's lags, rounded up to a block of eight. */
const HALO: usize = 64;
const STEP_BYTES: usize = 32;
const HALO_BYTES: usize = HALO * STEP_BYTES;
const TAPS: i32 = 119;
const BRANCHES: i32 = 5;
/** Rows of the scratch of tap gradients, where every kernel is rounded up to blocks of eight lags. */
const LAG_ROWS: usize = 128;

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

/** First row of kernel k in the scratch of tap gradients: 0, 8, 16, 32, 64. */
// @ts-ignore: decorator
@inline
function lagRow(k: i32): i32 {
  return k == 0 ? 0 : 4 << k;
}

/** a[t] = sum over j of u[t - j] taps[j] for a strip, and silu(a) is added to y. `steps` is a multiple of 8. */
function branchForward(u: usize, taps: usize, size: i32, a: usize, y: usize, steps: i32): void {
  const tapsEnd = taps + (<usize>size << 5);
  for (const end = u + (<usize>steps << 5); u < end; u += 256) {
    let c0l = f32x4.splat(0), c0h = f32x4.splat(0), c1l = f32x4.splat(0), c1h = f32x4.splat(0);
    let c2l = f32x4.splat(0), c2h = f32x4.splat(0), c3l = f32x4.splat(0), c3h = f32x4.splat(0);
    let c4l = f32x4.splat(0), c4h = f32x4.splat(0), c5l = f32x4.splat(0), c5h = f32x4.splat(0);
    let c6l = f32x4.splat(0), c6h = f32x4.splat(0), c7l = f32x4.splat(0), c7h = f32x4.splat(0);
    let at = u;
    for (let tap = taps; tap < tapsEnd; tap += 32) {
      const wl = v128.load(tap), wh = v128.load(tap, 16);
      c0l = madd(wl, v128.load(at), c0l);
      c0h = madd(wh, v128.load(at, 16), c0h);
      c1l = madd(wl, v128.load(at, 32), c1l);
      c1h = madd(wh, v128.load(at, 48), c1h);
      c2l = madd(wl, v128.load(at, 64), c2l);
      c2h = madd(wh, v128.load(at, 80), c2h);
      c3l = madd(wl, v128.load(at, 96), c3l);
      c3h = madd(wh, v128.load(at, 112), c3h);
      c4l = madd(wl, v128.load(at, 128), c4l);
      c4h = madd(wh, v128.load(at, 144), c4h);
      c5l = madd(wl, v128.load(at, 160), c5l);
      c5h = madd(wh, v128.load(at, 176), c5h);
      c6l = madd(wl, v128.load(at, 192), c6l);
      c6h = madd(wh, v128.load(at, 208), c6h);
      c7l = madd(wl, v128.load(at, 224), c7l);
      c7h = madd(wh, v128.load(at, 240), c7h);
      at -= 32;
    }
    v128.store(a, c0l);
    v128.store(a, c0h, 16);
    v128.store(a, c1l, 32);
    v128.store(a, c1h, 48);
    v128.store(a, c2l, 64);
    v128.store(a, c2h, 80);
    v128.store(a, c3l, 96);
    v128.store(a, c3h, 112);
    v128.store(a, c4l, 128);
    v128.store(a, c4h, 144);
    v128.store(a, c5l, 160);
    v128.store(a, c5h, 176);
    v128.store(a, c6l, 192);
    v128.store(a, c6h, 208);
    v128.store(a, c7l, 224);
    v128.store(a, c7h, 240);
    for (const stop = a + 256; a < stop; a += 32) {
      const v0 = v128.load(a), v1 = v128.load(a, 16);
      const y0 = madd(v0, sigmoid4(v0), v128.load(y)), y1 = madd(v1, sigmoid4(v1), v128.load(y, 16));
      v128.store(y, y0);
      v128.store(y, y1, 16);
      y += 32;
    }
  }
}

/** A strip of u = x * r * gain for steps 0..window-1. */
function gatherNormed(x: usize, r: usize, gain: usize, bytes: usize, window: i32, strip: usize): void {
  const g0 = v128.load(gain), g1 = v128.load(gain, 16);
  for (const end = strip + (<usize>window << 5); strip < end; strip += 32) {
    const scale = v128.load_splat<f32>(r);
    const v0 = f32x4.mul(f32x4.mul(v128.load(x), scale), g0), v1 = f32x4.mul(f32x4.mul(v128.load(x, 16), scale), g1);
    v128.store(strip, v0);
    v128.store(strip, v1, 16);
    x += bytes;
    r += 4;
  }
}

/** Eight columns of `rows` rows, `from` `fromBytes` apart, to rows `toBytes` apart. */
function copyColumns(from: usize, fromBytes: usize, rows: i32, to: usize, toBytes: usize): void {
  for (let row = 0; row < rows; row++) {
    const v0 = v128.load(from), v1 = v128.load(from, 16);
    v128.store(to, v0);
    v128.store(to, v1, 16);
    from += fromBytes;
    to += toBytes;
  }
}

/**
 * Op. args: counter, x, r, gain, taps, y (= x + convolution), branches, windows, window, stride (floats), scratch, scratch bytes per thread
 * (at least 32 (2 padded + 64 + 119)).
 */
export function convolutionForward(thread: i32, threads: i32, args: usize): void {
  const x = load<usize>(args, 4), r = load<usize>(args, 8), gain = load<usize>(args, 12), taps = load<usize>(args, 16);
  const y = load<usize>(args, 20), branches = load<usize>(args, 24);
  const windows = load<i32>(args, 28), window = load<i32>(args, 32), stride = load<i32>(args, 36);
  const scratch = load<usize>(args, 40) + <usize>thread * load<usize>(args, 44);
  const bytes = <usize>stride << 2;
  const steps = (window + 7) & ~7;
  const strip = <usize>steps * STEP_BYTES;
  const u = scratch + HALO_BYTES, sum = u + strip, tapStrip = sum + strip;
  memory.fill(scratch, 0, HALO_BYTES + strip);
  const groups = stride / 8;
  for (let task = nextTask(args); task < windows * groups; task = nextTask(args)) {
    const column = <usize>(task % groups) << 5;
    const first = <usize>(task / groups) * <usize>window;
    gatherNormed(x + first * bytes + column, r + (first << 2), gain + column, bytes, window, u);
    copyColumns(taps + column, bytes, TAPS, tapStrip, STEP_BYTES);
    memory.fill(sum, 0, strip);
    const a = branches + <usize>task * <usize>BRANCHES * strip;
    for (let k = 0; k < BRANCHES; k++) {
      branchForward(u, tapStrip + (<usize>kernelOffset(k) << 5), kernelSize(k), a + <usize>k * strip, sum, steps);
    }
    let from = x + first * bytes + column, to = y + first * bytes + column;
    for (let at = sum; at < sum + (<usize>window << 5); at += 32) {
      const v0 = f32x4.add(v128.load(from), v128.load(at)), v1 = f32x4.add(v128.load(from, 16), v128.load(at, 16));
      v128.store(to, v0);
      v128.store(to, v1, 16);
      from += bytes;
      to += bytes;
    }
  }
}

/** da = dy * slope of SiLU at a, for a strip. */
function branchGradient(a: usize, dy: usize, da: usize, window: i32): void {
  for (const end = a + (<usize>window << 5); a < end; a += 32) {
    const v0 = v128.load(a), v1 = v128.load(a, 16), d0 = v128.load(dy), d1 = v128.load(dy, 16);
    const da0 = f32x4.mul(d0, siluSlope4(v0, sigmoid4(v0))), da1 = f32x4.mul(d1, siluSlope4(v1, sigmoid4(v1)));
    v128.store(da, da0);
    v128.store(da, da1, 16);
    dy += 32;
    da += 32;
  }
}

/** Adds sum over j of da[s + j] taps[j] to du[s], for a strip. `steps` is a multiple of 8. */
function branchInputGradient(da: usize, taps: usize, size: i32, du: usize, steps: i32): void {
  const tapsEnd = taps + (<usize>size << 5);
  for (const end = da + (<usize>steps << 5); da < end; da += 256) {
    let c0l = v128.load(du), c0h = v128.load(du, 16), c1l = v128.load(du, 32), c1h = v128.load(du, 48);
    let c2l = v128.load(du, 64), c2h = v128.load(du, 80), c3l = v128.load(du, 96), c3h = v128.load(du, 112);
    let c4l = v128.load(du, 128), c4h = v128.load(du, 144), c5l = v128.load(du, 160), c5h = v128.load(du, 176);
    let c6l = v128.load(du, 192), c6h = v128.load(du, 208), c7l = v128.load(du, 224), c7h = v128.load(du, 240);
    let at = da;
    for (let tap = taps; tap < tapsEnd; tap += 32) {
      const wl = v128.load(tap), wh = v128.load(tap, 16);
      c0l = madd(wl, v128.load(at), c0l);
      c0h = madd(wh, v128.load(at, 16), c0h);
      c1l = madd(wl, v128.load(at, 32), c1l);
      c1h = madd(wh, v128.load(at, 48), c1h);
      c2l = madd(wl, v128.load(at, 64), c2l);
      c2h = madd(wh, v128.load(at, 80), c2h);
      c3l = madd(wl, v128.load(at, 96), c3l);
      c3h = madd(wh, v128.load(at, 112), c3h);
      c4l = madd(wl, v128.load(at, 128), c4l);
      c4h = madd(wh, v128.load(at, 144), c4h);
      c5l = madd(wl, v128.load(at, 160), c5l);
      c5h = madd(wh, v128.load(at, 176), c5h);
      c6l = madd(wl, v128.load(at, 192), c6l);
      c6h = madd(wh, v128.load(at, 208), c6h);
      c7l = madd(wl, v128.load(at, 224), c7l);
      c7h = madd(wh, v128.load(at, 240), c7h);
      at += 32;
    }
    v128.store(du, c0l);
    v128.store(du, c0h, 16);
    v128.store(du, c1l, 32);
    v128.store(du, c1h, 48);
    v128.store(du, c2l, 64);
    v128.store(du, c2h, 80);
    v128.store(du, c3l, 96);
    v128.store(du, c3h, 112);
    v128.store(du, c4l, 128);
    v128.store(du, c4h, 144);
    v128.store(du, c5l, 160);
    v128.store(du, c5h, 176);
    v128.store(du, c6l, 192);
    v128.store(du, c6h, 208);
    v128.store(du, c7l, 224);
    v128.store(du, c7h, 240);
    du += 256;
  }
}

/** Adds sum over t of da[t] u[t - j] to dtaps[j], for the lags of one kernel in blocks of eight. */
function branchTapGradient(da: usize, u: usize, size: i32, dtaps: usize, window: i32): void {
  const end = da + (<usize>window << 5);
  for (let lag = 0; lag < size; lag += 8) {
    let c0l = v128.load(dtaps), c0h = v128.load(dtaps, 16), c1l = v128.load(dtaps, 32), c1h = v128.load(dtaps, 48);
    let c2l = v128.load(dtaps, 64), c2h = v128.load(dtaps, 80), c3l = v128.load(dtaps, 96), c3h = v128.load(dtaps, 112);
    let c4l = v128.load(dtaps, 128), c4h = v128.load(dtaps, 144), c5l = v128.load(dtaps, 160), c5h = v128.load(dtaps, 176);
    let c6l = v128.load(dtaps, 192), c6h = v128.load(dtaps, 208), c7l = v128.load(dtaps, 224), c7h = v128.load(dtaps, 240);
    // Input of the block's last lag; those of smaller lags follow it.
    let at = u - (<usize>(lag + 7) << 5);
    for (let t = da; t < end; t += 32) {
      const dl = v128.load(t), dh = v128.load(t, 16);
      c7l = madd(dl, v128.load(at), c7l);
      c7h = madd(dh, v128.load(at, 16), c7h);
      c6l = madd(dl, v128.load(at, 32), c6l);
      c6h = madd(dh, v128.load(at, 48), c6h);
      c5l = madd(dl, v128.load(at, 64), c5l);
      c5h = madd(dh, v128.load(at, 80), c5h);
      c4l = madd(dl, v128.load(at, 96), c4l);
      c4h = madd(dh, v128.load(at, 112), c4h);
      c3l = madd(dl, v128.load(at, 128), c3l);
      c3h = madd(dh, v128.load(at, 144), c3h);
      c2l = madd(dl, v128.load(at, 160), c2l);
      c2h = madd(dh, v128.load(at, 176), c2h);
      c1l = madd(dl, v128.load(at, 192), c1l);
      c1h = madd(dh, v128.load(at, 208), c1h);
      c0l = madd(dl, v128.load(at, 224), c0l);
      c0h = madd(dh, v128.load(at, 240), c0h);
      at += 32;
    }
    v128.store(dtaps, c0l);
    v128.store(dtaps, c0h, 16);
    v128.store(dtaps, c1l, 32);
    v128.store(dtaps, c1h, 48);
    v128.store(dtaps, c2l, 64);
    v128.store(dtaps, c2h, 80);
    v128.store(dtaps, c3l, 96);
    v128.store(dtaps, c3h, 112);
    v128.store(dtaps, c4l, 128);
    v128.store(dtaps, c4h, 144);
    v128.store(dtaps, c5l, 160);
    v128.store(dtaps, c5h, 176);
    v128.store(dtaps, c6l, 192);
    v128.store(dtaps, c6h, 208);
    v128.store(dtaps, c7l, 224);
    v128.store(dtaps, c7h, 240);
    dtaps += 256;
  }
}

/**
 * Op. args: counter, x, r, gain, taps, dy, branches, du (written), dtaps (written), windows, window, stride (floats), scratch, scratch bytes per thread
 * (at least 32 (4 padded + 2 * 64 + 119 + 128)). A task owns eight channels and takes all windows in order, so the tap gradients need no second sum.
 */
export function convolutionBackward(thread: i32, threads: i32, args: usize): void {
  const x = load<usize>(args, 4), r = load<usize>(args, 8), gain = load<usize>(args, 12), taps = load<usize>(args, 16), dy = load<usize>(args, 20);
  const branches = load<usize>(args, 24), du = load<usize>(args, 28), dtaps = load<usize>(args, 32);
  const windows = load<i32>(args, 36), window = load<i32>(args, 40), stride = load<i32>(args, 44);
  const scratch = load<usize>(args, 48) + <usize>thread * load<usize>(args, 52);
  const bytes = <usize>stride << 2;
  const steps = (window + 7) & ~7;
  const strip = <usize>steps * STEP_BYTES;
  const u = scratch + HALO_BYTES, da = u + strip, dyStrip = da + strip + HALO_BYTES, duStrip = dyStrip + strip;
  const tapStrip = duStrip + strip, lags = tapStrip + <usize>TAPS * STEP_BYTES;
  memory.fill(scratch, 0, 2 * (HALO_BYTES + strip));
  const groups = stride / 8;
  for (let group = nextTask(args); group < groups; group = nextTask(args)) {
    const column = <usize>group << 5;
    copyColumns(taps + column, bytes, TAPS, tapStrip, STEP_BYTES);
    memory.fill(lags, 0, LAG_ROWS * STEP_BYTES);
    for (let index = 0; index < windows; index++) {
      const first = <usize>index * <usize>window;
      gatherNormed(x + first * bytes + column, r + (first << 2), gain + column, bytes, window, u);
      copyColumns(dy + first * bytes + column, bytes, window, dyStrip, STEP_BYTES);
      memory.fill(duStrip, 0, strip);
      const a = branches + <usize>((index * groups + group) * BRANCHES) * strip;
      for (let k = 0; k < BRANCHES; k++) {
        branchGradient(a + <usize>k * strip, dyStrip, da, window);
        branchInputGradient(da, tapStrip + (<usize>kernelOffset(k) << 5), kernelSize(k), duStrip, steps);
        branchTapGradient(da, u, kernelSize(k), lags + (<usize>lagRow(k) << 5), window);
      }
      copyColumns(duStrip, STEP_BYTES, window, du + first * bytes + column, bytes);
    }
    for (let k = 0; k < BRANCHES; k++) {
      copyColumns(lags + (<usize>lagRow(k) << 5), STEP_BYTES, kernelSize(k), dtaps + <usize>kernelOffset(k) * bytes + column, bytes);
    }
  }
}
