import { least, nextTask } from './tasks';
import { PANEL_COLUMNS, TILE_ROWS } from './gemm-tile';

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

/** Copies 8 floats, or 16 if `whole`, of each of `depth` rows to rows of 64 bytes. */
// @ts-ignore: decorator
@inline
function copyRows(from: usize, ld: usize, depth: i32, to: usize, factor: v128, whole: bool): void {
  for (const end = to + (<usize>depth << 6); to < end; to += 64) {
    v128.store(to, f32x4.mul(v128.load(from), factor));
    v128.store(to, f32x4.mul(v128.load(from, 16), factor), 16);
    if (whole) {
      v128.store(to, f32x4.mul(v128.load(from, 32), factor), 32);
      v128.store(to, f32x4.mul(v128.load(from, 48), factor), 48);
    }
    from += ld;
  }
}

/** Adds eight columns of `depth` packed rows to sums. */
// @ts-ignore: decorator
@inline
function addRows(from: usize, depth: i32, sums: usize, first: bool): void {
  let left = f32x4.splat(0), right = f32x4.splat(0);
  if (!first) {
    left = v128.load(sums);
    right = v128.load(sums, 16);
  }
  for (const end = from + (<usize>depth << 6); from < end; from += 64) {
    left = f32x4.add(left, v128.load(from));
    right = f32x4.add(right, v128.load(from, 16));
  }
  v128.store(sums, left);
  v128.store(sums, right, 16);
}

/**
 * Packs src [depth][columns] (row stride ld bytes, columns a multiple of 8) as the B operand: panels [panel of 16 columns][depth][16], each element times `scale`.
 * The right half of a last panel of 8 columns is left as it is. With sums (address of f32 [columns], or 0) it also writes the sum of every packed column.
 */
export function packB(
  src: usize, ld: usize, depth: i32, columns: i32, firstPanel: i32, endPanel: i32, dst: usize, scale: f32, sums: usize,
): void {
  const factor = f32x4.splat(scale);
  for (let k = 0; k < depth; k += DEPTH_BLOCK) {
    const length = least(DEPTH_BLOCK, depth - k);
    for (let panel = firstPanel; panel < endPanel; panel++) {
      const from = src + <usize>k * ld + (<usize>panel << 6);
      const to = dst + ((<usize>panel * <usize>depth + <usize>k) << 6);
      const whole = columns - panel * PANEL_COLUMNS > 8;
      if (whole) copyRows(from, ld, length, to, factor, true);
      else copyRows(from, ld, length, to, factor, false);
      if (!sums) continue;
      addRows(to, length, sums + (<usize>panel << 6), k == 0);
      if (whole) addRows(to + 32, length, sums + (<usize>panel << 6) + 32, k == 0);
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

/** Eight rows of src become eight columns of a panel. Rows from `present` on are zero. */
function transposeRows(from: usize, ld: usize, present: i32, depth: i32, to: usize): void {
  const zero = f32x4.splat(0);
  for (const end = to + (<usize>depth << 6); to < end; to += 256) {
    const r0 = v128.load(from), r4 = present > 4 ? v128.load(from + 4 * ld) : zero;
    const r1 = present > 1 ? v128.load(from + ld) : zero, r5 = present > 5 ? v128.load(from + 5 * ld) : zero;
    const r2 = present > 2 ? v128.load(from + 2 * ld) : zero, r6 = present > 6 ? v128.load(from + 6 * ld) : zero;
    const r3 = present > 3 ? v128.load(from + 3 * ld) : zero, r7 = present > 7 ? v128.load(from + 7 * ld) : zero;
    transpose4x4(r0, r1, r2, r3, to, 64);
    transpose4x4(r4, r5, r6, r7, to + 16, 64);
    from += 16;
  }
}

/**
 * Packs the rows of src [rows][depth] (row stride ld bytes, depth a multiple of 4) as the B operand of src^T:
 * panels [panel of 16 rows][depth][16]. Rows beyond the last are zero, up to a multiple of 8.
 */
export function packTransposedB(src: usize, ld: usize, rows: i32, depth: i32, firstPanel: i32, endPanel: i32, dst: usize): void {
  for (let panel = firstPanel; panel < endPanel; panel++) {
    const row = panel * PANEL_COLUMNS;
    const from = src + <usize>row * ld;
    const to = dst + ((<usize>panel * <usize>depth) << 6);
    transposeRows(from, ld, rows - row, depth, to);
    if (rows - row > 8) transposeRows(from + 8 * ld, ld, rows - row - 8, depth, to + 32);
  }
}

/** Panels that one packing task takes. */
const PACK_PANELS: i32 = 4;

// @ts-ignore: decorator
@inline
export function panelsOf(columns: i32): i32 {
  return (columns + PANEL_COLUMNS - 1) / PANEL_COLUMNS;
}

/** Op. args: counter, src, ld, depth, columns, dst, rowScale, columnScale. See packTransposedA. */
export function packATransposed(thread: i32, threads: i32, args: usize): void {
  const src = load<usize>(args, 4), ld = load<usize>(args, 8), depth = load<i32>(args, 12), columns = load<i32>(args, 16);
  const dst = load<usize>(args, 20), rowScale = load<usize>(args, 24), columnScale = load<usize>(args, 28);
  const panels = (columns + TILE_ROWS - 1) / TILE_ROWS;
  for (let first = nextTask(args) * PACK_PANELS; first < panels; first = nextTask(args) * PACK_PANELS) {
    packTransposedA(src, ld, depth, first, least(panels, first + PACK_PANELS), dst, rowScale, columnScale);
  }
}

/** Op. args: counter, src, ld, depth, columns, dst, sums. See packB. */
export function packBPlain(thread: i32, threads: i32, args: usize): void {
  const src = load<usize>(args, 4), ld = load<usize>(args, 8), depth = load<i32>(args, 12), columns = load<i32>(args, 16);
  const dst = load<usize>(args, 20), sums = load<usize>(args, 24);
  const panels = panelsOf(columns);
  for (let first = nextTask(args) * PACK_PANELS; first < panels; first = nextTask(args) * PACK_PANELS) {
    packB(src, ld, depth, columns, first, least(panels, first + PACK_PANELS), dst, 1, sums);
  }
}

/** Op. args: counter, src, ld, rows, depth, dst. See packTransposedB. */
export function packBTransposed(thread: i32, threads: i32, args: usize): void {
  const src = load<usize>(args, 4), ld = load<usize>(args, 8), rows = load<i32>(args, 12), depth = load<i32>(args, 16);
  const dst = load<usize>(args, 20);
  const panels = panelsOf(rows);
  for (let first = nextTask(args) * PACK_PANELS; first < panels; first = nextTask(args) * PACK_PANELS) {
    packTransposedB(src, ld, rows, depth, first, least(panels, first + PACK_PANELS), dst);
  }
}
