import { least, nextTask } from './tasks';
import { TILE_ROWS } from './gemm-tile';

/** Depths packed at a time, so that the lines a panel shares with its neighbour are still in the first-level cache. */
const DEPTH_BLOCK: i32 = 64;

/**
 * Packs columns of src [depth][..] (row stride ld bytes) as the A operand of src^T: panels [panel of 6 columns][depth][6].
 * With rowScale and columnScale (addresses of f32 [depth] and [columns], or 0) element (k, m) is multiplied by rowScale[k] * columnScale[m].
 * Columns beyond the last are whatever follows in memory; no tile reads them.
 */
export function packTransposedA(
  src: usize, ld: usize, depth: i32, firstPanel: i32, endPanel: i32, dst: usize, rowScale: usize, columnScale: usize,
): void {
  for (let k0 = 0; k0 < depth; k0 += DEPTH_BLOCK) {
    const k1 = least(depth, k0 + DEPTH_BLOCK);
    for (let panel = firstPanel; panel < endPanel; panel++) {
      let from = src + <usize>k0 * ld + <usize>panel * 24;
      let to = dst + (<usize>panel * <usize>depth + <usize>k0) * 24;
      if (rowScale) {
        const left = v128.load(columnScale + <usize>panel * 24);
        const right = v128.load64_zero(columnScale + <usize>panel * 24, 16);
        for (let k = k0; k < k1; k++) {
          const scale = v128.load_splat<f32>(rowScale + (<usize>k << 2));
          v128.store(to, f32x4.mul(v128.load(from), f32x4.mul(left, scale)));
          v128.store64_lane(to, f32x4.mul(v128.load64_zero(from, 16), f32x4.mul(right, scale)), 0, 16);
          from += ld;
          to += 24;
        }
      } else {
        for (let k = k0; k < k1; k++) {
          v128.store(to, v128.load(from));
          store<u64>(to, load<u64>(from, 16), 16);
          from += ld;
          to += 24;
        }
      }
    }
  }
}

/**
 * Packs src [depth][..] (row stride ld bytes) as the B operand: panels [panel of 8 columns][depth][8], each element times `scale`.
 * With sums (address of f32 [columns], or 0) it also writes the sum of every column, before scaling.
 */
export function packB(
  src: usize, ld: usize, depth: i32, firstPanel: i32, endPanel: i32, dst: usize, scale: f32, sums: usize,
): void {
  const factor = f32x4.splat(scale);
  for (let k0 = 0; k0 < depth; k0 += DEPTH_BLOCK) {
    const k1 = least(depth, k0 + DEPTH_BLOCK);
    for (let panel = firstPanel; panel < endPanel; panel++) {
      let from = src + <usize>k0 * ld + (<usize>panel << 5);
      let to = dst + ((<usize>panel * <usize>depth + <usize>k0) << 5);
      if (sums) {
        const at = sums + (<usize>panel << 5);
        let left = f32x4.splat(0), right = f32x4.splat(0);
        if (k0 > 0) {
          left = v128.load(at);
          right = v128.load(at, 16);
        }
        for (let k = k0; k < k1; k++) {
          const x = v128.load(from), y = v128.load(from, 16);
          left = f32x4.add(left, x);
          right = f32x4.add(right, y);
          v128.store(to, f32x4.mul(x, factor));
          v128.store(to, f32x4.mul(y, factor), 16);
          from += ld;
          to += 32;
        }
        v128.store(at, left);
        v128.store(at, right, 16);
      } else {
        for (let k = k0; k < k1; k++) {
          v128.store(to, f32x4.mul(v128.load(from), factor));
          v128.store(to, f32x4.mul(v128.load(from, 16), factor), 16);
          from += ld;
          to += 32;
        }
      }
    }
  }
}

/** Four rows of four become four columns: dst rows are `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function transpose4x4(r0: v128, r1: v128, r2: v128, r3: v128, dst: usize, step: usize): void {
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(dst, v128.shuffle<f32>(a, b, 0, 1, 4, 5));
  v128.store(dst + step, v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  v128.store(dst + 2 * step, v128.shuffle<f32>(c, d, 0, 1, 4, 5));
  v128.store(dst + 3 * step, v128.shuffle<f32>(c, d, 2, 3, 6, 7));
}

// @ts-ignore: decorator
@inline
function rowOrZero(address: usize, present: bool): v128 {
  return present ? v128.load(address) : f32x4.splat(0);
}

/**
 * Packs the rows of src [rows][depth] (row stride ld bytes, depth a multiple of 4) as the B operand of src^T:
 * panels [panel of 8 rows][depth][8]. Rows beyond the last are zero.
 */
export function packTransposedB(src: usize, ld: usize, rows: i32, depth: i32, firstPanel: i32, endPanel: i32, dst: usize): void {
  for (let panel = firstPanel; panel < endPanel; panel++) {
    let from = src + <usize>(panel * 8) * ld;
    let to = dst + ((<usize>panel * <usize>depth) << 5);
    const left = rows - panel * 8;
    if (left >= 8) {
      for (let k = 0; k < depth; k += 4) {
        let at = from;
        const r0 = v128.load(at);
        const r1 = v128.load((at += ld));
        const r2 = v128.load((at += ld));
        const r3 = v128.load((at += ld));
        transpose4x4(r0, r1, r2, r3, to, 32);
        const r4 = v128.load((at += ld));
        const r5 = v128.load((at += ld));
        const r6 = v128.load((at += ld));
        const r7 = v128.load((at += ld));
        transpose4x4(r4, r5, r6, r7, to + 16, 32);
        from += 16;
        to += 128;
      }
    } else {
      for (let k = 0; k < depth; k += 4) {
        transpose4x4(
          rowOrZero(from, left > 0), rowOrZero(from + ld, left > 1),
          rowOrZero(from + 2 * ld, left > 2), rowOrZero(from + 3 * ld, left > 3), to, 32,
        );
        transpose4x4(
          rowOrZero(from + 4 * ld, left > 4), rowOrZero(from + 5 * ld, left > 5),
          rowOrZero(from + 6 * ld, left > 6), f32x4.splat(0), to + 16, 32,
        );
        from += 16;
        to += 128;
      }
    }
  }
}

/** Panels that one packing task takes. */
const PACK_PANELS: i32 = 8;

/** Op. args: counter, src, ld, depth, columns, dst, rowScale, columnScale. See packTransposedA. */
export function packATransposed(thread: i32, threads: i32, args: usize): void {
  const src = load<usize>(args, 4), ld = load<usize>(args, 8), depth = load<i32>(args, 12), columns = load<i32>(args, 16);
  const dst = load<usize>(args, 20), rowScale = load<usize>(args, 24), columnScale = load<usize>(args, 28);
  const panels = (columns + TILE_ROWS - 1) / TILE_ROWS;
  for (let first = nextTask(args) * PACK_PANELS; first < panels; first = nextTask(args) * PACK_PANELS) {
    packTransposedA(src, ld, depth, first, least(panels, first + PACK_PANELS), dst, rowScale, columnScale);
  }
}

/** Op. args: counter, src, ld, depth, panels, dst, sums. See packB. */
export function packBPlain(thread: i32, threads: i32, args: usize): void {
  const src = load<usize>(args, 4), ld = load<usize>(args, 8), depth = load<i32>(args, 12), panels = load<i32>(args, 16);
  const dst = load<usize>(args, 20), sums = load<usize>(args, 24);
  for (let first = nextTask(args) * PACK_PANELS; first < panels; first = nextTask(args) * PACK_PANELS) {
    packB(src, ld, depth, first, least(panels, first + PACK_PANELS), dst, 1, sums);
  }
}

/** Op. args: counter, src, ld, rows, depth, dst. See packTransposedB. */
export function packBTransposed(thread: i32, threads: i32, args: usize): void {
  const src = load<usize>(args, 4), ld = load<usize>(args, 8), rows = load<i32>(args, 12), depth = load<i32>(args, 16);
  const dst = load<usize>(args, 20);
  const panels = (rows + 7) / 8;
  for (let first = nextTask(args) * PACK_PANELS; first < panels; first = nextTask(args) * PACK_PANELS) {
    packTransposedB(src, ld, rows, depth, first, least(panels, first + PACK_PANELS), dst);
  }
}
