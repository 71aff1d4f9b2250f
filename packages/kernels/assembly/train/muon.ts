// Muon (definition: src/optimizer-split.ts). One task is one matrix: momentum, Newton-Schulz on the smaller side, update, all in one thread, because the
// matrices are many and small. The Gram matrix and its square are symmetric: only their upper tiles are multiplied, then mirrored.

import { madd } from './fast-math';
import { gemmBlock } from './gemm';
import { packB, packTransposedA, packTransposedB, panelsOf, transpose4x4 } from './gemm-pack';
import { TILE_ROWS } from './gemm-tile';
import { nextTask } from './tasks';

const STEPS: i32 = 5;
const A: f32 = 3.4445;
const B: f32 = -4.775;
const C: f32 = 2.0315;
const EPSILON: f64 = 1e-7;

// @ts-ignore: decorator
@inline
function tilesOf(rows: i32): i32 {
  return (rows + TILE_ROWS - 1) / TILE_ROWS;
}

/** Bytes of a row of `columns` floats with its padding to a multiple of 8. */
// @ts-ignore: decorator
@inline
function paddedBytes(columns: i32): usize {
  return <usize>((columns + 7) & ~7) << 2;
}

/**
 * Copies the upper triangle of a square matrix over the lower one. ld in bytes. Blocks of 4 x 4 on the diagonal are whole already: a tile that the product leaves
 * out lies below them.
 */
function mirror(x: usize, size: i32, ld: usize): void {
  const whole = size & ~3;
  for (let i = 0; i < whole; i += 4) {
    for (let j = 0; j < i; j += 4) {
      const from = x + <usize>j * ld + (<usize>i << 2);
      transpose4x4(
        v128.load(from), v128.load(from + ld), v128.load(from + 2 * ld), v128.load(from + 3 * ld), x + <usize>i * ld + (<usize>j << 2), ld,
      );
    }
  }
  for (let i = whole; i < size; i++) {
    for (let j = 0; j < i; j++) store<f32>(x + <usize>i * ld + (<usize>j << 2), load<f32>(x + <usize>j * ld + (<usize>i << 2)));
  }
}

/**
 * Momentum in place, then the Nesterov blend of the gradient and it, divided by its Frobenius norm, into x [rows][width bytes].
 * `width` covers the padding of the columns, which is 0 in all of them.
 */
function blend(gradient: usize, m: usize, x: usize, rows: i32, width: usize, ld: usize, scale: f32, mu: f32, rest: f32): void {
  const factor = f32x4.splat(rest * scale), momentum = f32x4.splat(mu);
  let s0 = f64x2.splat(0), s1 = f64x2.splat(0);
  for (let row: usize = 0; row < <usize>rows; row++) {
    const from = row * ld, to = x + row * width;
    for (let i: usize = 0; i < width; i += 16) {
      const fresh = f32x4.mul(factor, v128.load(gradient + from + i));
      const next = madd(momentum, v128.load(m + from + i), fresh);
      v128.store(m + from + i, next);
      const u = madd(momentum, next, fresh);
      v128.store(to + i, u);
      const low = f64x2.promote_low_f32x4(u), high = f64x2.promote_low_f32x4(v128.shuffle<f32>(u, u, 2, 3, 2, 3));
      s0 = f64x2.relaxed_madd(low, low, s0);
      s1 = f64x2.relaxed_madd(high, high, s1);
    }
  }
  s0 = f64x2.add(s0, s1);
  const norm = Math.sqrt(f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1));
  const inverse = f32x4.splat(<f32>(1.0 / (norm + EPSILON)));
  for (const end = x + <usize>rows * width; x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), inverse));
}

/**
 * Newton-Schulz: returns the address, x or y, of the orthogonalised x [rows][columns] (rows `width` bytes apart).
 * Wide: G = X X^T, X' = a X + (b G + c G G) X. Tall, without transposing: G = X^T X, X' = a X + X (b G + c G G).
 * gram, mixed: [side][side rounded up to 8]; packedB: rows x columns, both rounded up to 16; packedA (tall only): rows x columns rounded up to 6.
 */
function orthogonalise(
  x: usize, y: usize, rows: i32, columns: i32, width: usize, gram: usize, mixed: usize, packedB: usize, packedA: usize,
): usize {
  const wide = rows <= columns;
  const side = wide ? rows : columns;
  const sideTiles = tilesOf(side), sidePanels = panelsOf(side), tiles = tilesOf(rows);
  const sideBytes = paddedBytes(side);
  const sideColumns = <i32>(sideBytes >> 2), xColumns = <i32>(width >> 2);
  const panels = panelsOf(xColumns);
  const tileWidth = width * <usize>TILE_ROWS, tileSide = sideBytes * <usize>TILE_ROWS;
  for (let step = 0; step < STEPS; step++) {
    if (wide) {
      packTransposedB(x, width, rows, xColumns, 0, sidePanels, packedB);
      gemmBlock(
        x, tileWidth, width, 4, packedB, gram, sideBytes, 0, 0, 0, side, sideColumns, xColumns, 0, sideTiles, 0, sidePanels, true,
      );
    } else {
      packTransposedA(x, width, rows, 0, sideTiles, packedA, 0, 0);
      packB(x, width, rows, xColumns, 0, sidePanels, packedB, 1, 0);
      gemmBlock(
        packedA, <usize>rows * 24, 4, 24, packedB, gram, sideBytes, 0, 0, 0, side, sideColumns, rows, 0, sideTiles, 0, sidePanels, true,
      );
    }
    mirror(gram, side, sideBytes);
    packB(gram, sideBytes, side, sideColumns, 0, sidePanels, packedB, C, 0);
    gemmBlock(
      gram, tileSide, sideBytes, 4, packedB, mixed, sideBytes, gram, B, 0, side, sideColumns, side, 0, sideTiles, 0, sidePanels, true,
    );
    mirror(mixed, side, sideBytes);
    if (wide) {
      packB(x, width, rows, xColumns, 0, panels, packedB, 1, 0);
      gemmBlock(mixed, tileSide, sideBytes, 4, packedB, y, width, x, A, 0, rows, xColumns, rows, 0, tiles, 0, panels, false);
    } else {
      packB(mixed, sideBytes, side, sideColumns, 0, sidePanels, packedB, 1, 0);
      gemmBlock(x, tileWidth, width, 4, packedB, y, width, x, A, 0, rows, xColumns, side, 0, tiles, 0, panels, false);
    }
    const swap = x;
    x = y;
    y = swap;
  }
  return x;
}

/**
 * Op. args: counter, matrices, number of matrices, param, gradient, m (bases of arrays of one layout), scratch, scratch bytes per thread, gradient scale, mu,
 * 1 - mu, learning rate, learning rate * weight decay (all f32).
 * A matrix is (offset in bytes, rows, columns, bytes between rows, scale of the update (f32)).
 */
export function muon(thread: i32, threads: i32, args: usize): void {
  const matrices = load<usize>(args, 4), count = load<i32>(args, 8);
  const param = load<usize>(args, 12), gradient = load<usize>(args, 16), m = load<usize>(args, 20);
  const scratch = load<usize>(args, 24) + <usize>thread * load<usize>(args, 28);
  const scale = load<f32>(args, 32), mu = load<f32>(args, 36), rest = load<f32>(args, 40), rate = load<f32>(args, 44), decay = load<f32>(args, 48);
  for (let task = nextTask(args); task < count; task = nextTask(args)) {
    const entry = matrices + <usize>task * 20;
    const offset = load<usize>(entry), rows = load<i32>(entry, 4), columns = load<i32>(entry, 8), ld = load<usize>(entry, 12);
    const width = paddedBytes(columns);
    const side = rows <= columns ? rows : columns;
    const square = <usize>side * paddedBytes(side);
    const x = scratch, y = x + <usize>rows * width, gram = y + <usize>rows * width, mixed = gram + square, packedB = mixed + square;
    const packedA = packedB + <usize>(panelsOf(rows) * panelsOf(columns)) * 1024;
    blend(gradient + offset, m + offset, x, rows, width, ld, scale, mu, rest);
    let result = orthogonalise(x, y, rows, columns, width, gram, mixed, packedB, packedA);
    const keep = f32x4.splat(<f32>1 - decay), step = f32x4.splat(-rate * load<f32>(entry, 16));
    for (let row: usize = 0; row < <usize>rows; row++) {
      const to = param + offset + row * ld;
      for (let i: usize = 0; i < width; i += 32) {
        const p0 = madd(step, v128.load(result), f32x4.mul(keep, v128.load(to + i)));
        const p1 = madd(step, v128.load(result, 16), f32x4.mul(keep, v128.load(to + i, 16)));
        v128.store(to + i, p0);
        v128.store(to + i, p1, 16);
        result += 32;
      }
    }
  }
}
