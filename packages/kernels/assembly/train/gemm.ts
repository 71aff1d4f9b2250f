// Matrix products C = A B (+ beta addend + bias), all f32.
//
// B is packed in panels of 16 columns [panel][depth][16] (gemm-pack.ts). A is read in place where its rows run along the depth, or from panels of six
// [panel][depth][6] where it is a transpose. Loops, outside in: blocks of depth, panels of B (one block of a panel stays in the first-level cache), tiles of A
// (the block of a task stays in the second-level cache).

import { NARROW } from './fast-math';
import { packTransposedA, panelsOf } from './gemm-pack';
import { PANEL_COLUMNS, TILE_ROWS, tile6x16, tile6x8 } from './gemm-tile';
import { least, nextTask } from './tasks';

/** Longest run of depth between two additions into C. 384 x 16 floats of B are 24 KiB. */
const DEPTH_BLOCK: i32 = 384;

/** Splits the depth evenly in blocks of at most DEPTH_BLOCK, so that a result depends on the depth alone. */
// @ts-ignore: decorator
@inline
function depthBlock(depth: i32): i32 {
  const blocks = (depth + DEPTH_BLOCK - 1) / DEPTH_BLOCK;
  return (depth + blocks - 1) / blocks;
}

/**
 * Tiles [firstTile, endTile) by panels [firstPanel, endPanel) of C; columns are a multiple of 8.
 * a: tile i starts at a + i * tileStride; inside, see tile6x8. With `upper`, tiles that lie wholly below the diagonal are left alone.
 */
export function gemmBlock(
  a: usize, tileStride: usize, rowStride: usize, depthStride: usize, b: usize, c: usize, ldc: usize, addend: usize, beta: f32,
  bias: usize, rows: i32, columns: i32, depth: i32, firstTile: i32, endTile: i32, firstPanel: i32, endPanel: i32, upper: bool,
): void {
  const block = depthBlock(depth);
  const narrow = load<i32>(NARROW) != 0;
  for (let k = 0; k < depth; k += block) {
    const length = least(block, depth - k);
    const source = k == 0 ? addend : c;
    const factor: f32 = k == 0 ? beta : 1;
    const offset = k == 0 ? bias : 0;
    const depthOffset = <usize>k * depthStride;
    for (let panel = firstPanel; panel < endPanel; panel++) {
      const column = <usize>panel << 6;
      const bPanel = b + ((<usize>panel * <usize>depth + <usize>k) << 6);
      const last = upper ? least(endTile, ((panel + 1) * PANEL_COLUMNS + TILE_ROWS - 1) / TILE_ROWS) : endTile;
      const whole = columns - panel * PANEL_COLUMNS > 8;
      const biasAt = offset ? offset + column : 0;
      for (let tile = firstTile; tile < last; tile++) {
        const at = <usize>(tile * TILE_ROWS) * ldc + column;
        const tileRows = least(TILE_ROWS, rows - tile * TILE_ROWS);
        const aTile = a + <usize>tile * tileStride + depthOffset;
        const from = source ? source + at : 0;
        if (whole && !narrow) {
          tile6x16(aTile, rowStride, depthStride, tileRows, bPanel, length, c + at, ldc, from, factor, biasAt);
          continue;
        }
        tile6x8(aTile, rowStride, depthStride, tileRows, bPanel, length, c + at, ldc, from, factor, biasAt);
        if (!whole) continue;
        const right = biasAt ? biasAt + 32 : 0;
        tile6x8(aTile, rowStride, depthStride, tileRows, bPanel + 32, length, c + at + 32, ldc, from ? from + 32 : 0, factor, right);
      }
    }
  }
}

/**
 * Op. args: counter, a, tileStride, rowStride, depthStride, b, c, ldc, addend, bias, rows, columns (a multiple of 8), depth, tiles per task,
 * panels per task. C = A B + addend + bias.
 */
export function gemm(thread: i32, threads: i32, args: usize): void {
  const a = load<usize>(args, 4), tileStride = load<usize>(args, 8), rowStride = load<usize>(args, 12), depthStride = load<usize>(args, 16);
  const b = load<usize>(args, 20), c = load<usize>(args, 24), ldc = load<usize>(args, 28), addend = load<usize>(args, 32);
  const bias = load<usize>(args, 36), rows = load<i32>(args, 40), columns = load<i32>(args, 44), depth = load<i32>(args, 48);
  const taskTiles = load<i32>(args, 52), taskPanels = load<i32>(args, 56);
  const panels = panelsOf(columns);
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  const tileTasks = (tiles + taskTiles - 1) / taskTiles;
  const tasks = tileTasks * ((panels + taskPanels - 1) / taskPanels);
  for (let task = nextTask(args); task < tasks; task = nextTask(args)) {
    const tile = (task % tileTasks) * taskTiles;
    const panel = (task / tileTasks) * taskPanels;
    gemmBlock(
      a, tileStride, rowStride, depthStride, b, c, ldc, addend, 1, bias, rows, columns, depth,
      tile, least(tiles, tile + taskTiles), panel, least(panels, panel + taskPanels), false,
    );
  }
}

/**
 * Op: C = A^T B + addend for a wide A, packed block by block into each thread's own scratch.
 * args: counter, a, lda, b, c, ldc, addend, rows (columns of A), columns (a multiple of 8), depth, tiles per task, scratch, scratch bytes per thread
 * (at least tiles * 24 * depth).
 */
export function gemmTransposedA(thread: i32, threads: i32, args: usize): void {
  const a = load<usize>(args, 4), lda = load<usize>(args, 8), b = load<usize>(args, 12), c = load<usize>(args, 16), ldc = load<usize>(args, 20);
  const addend = load<usize>(args, 24), rows = load<i32>(args, 28), columns = load<i32>(args, 32), depth = load<i32>(args, 36);
  const taskTiles = load<i32>(args, 40);
  const packed = load<usize>(args, 44) + <usize>thread * load<usize>(args, 48);
  const tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  const tileBytes = <usize>depth * 24;
  for (let tile = nextTask(args) * taskTiles; tile < tiles; tile = nextTask(args) * taskTiles) {
    const end = least(tiles, tile + taskTiles);
    const row = <usize>(tile * TILE_ROWS);
    packTransposedA(a + (row << 2), lda, depth, 0, end - tile, packed, 0, 0);
    gemmBlock(
      packed, tileBytes, 4, 24, b, c + row * ldc, ldc, addend ? addend + row * ldc : 0, 1, 0, rows - tile * TILE_ROWS, columns,
      depth, 0, end - tile, 0, panelsOf(columns), false,
    );
  }
}
