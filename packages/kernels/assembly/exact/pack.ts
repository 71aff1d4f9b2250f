// From the tensors of a checkpoint (BF16, canonical order) to the layouts that the kernels read.

import { splitStart } from '../common/split';
import { TAP_BYTES } from './conv';
import { GROUP_ROW } from './gemm';

/**
 * Rows `row` to `row + rows` of a matrix [K, N] into groups of 32 columns (gemm.ts), whose last the host has filled with zeros. args: source (u16 [rows, n]), groups,
 * k (all rows of the matrix), n, row, rows.
 */
export function packMatrix(thread: i32, threads: i32, args: usize): void {
  const source = load<usize>(args);
  const groups = load<usize>(args, 4);
  const k = load<i32>(args, 8);
  const n = load<i32>(args, 12);
  const row = load<i32>(args, 16);
  const rows = load<i32>(args, 20);
  const count = (n + 31) >> 5;
  const end = splitStart(count, 1, thread + 1, threads);
  for (let g = splitStart(count, 1, thread, threads); g < end; g++) {
    const bytes = <usize>min(32, n - 32 * g) << 1;
    let from = source + (<usize>g << 6);
    let to = groups + <usize>(g * k + row) * GROUP_ROW;
    for (let r = 0; r < rows; r++) {
      memory.copy(to, from, bytes);
      from += <usize>n << 1;
      to += GROUP_ROW;
    }
  }
}

/**
 * Rows `row` to `row + rows` (`row` a multiple of 32) of a matrix [N, K] into the groups of its transpose [K, N], whose last the host has filled with zeros.
 * args: source (u16 [rows, k]), groups, k, row, rows.
 */
export function packTransposed(thread: i32, threads: i32, args: usize): void {
  const source = load<usize>(args);
  const groups = load<usize>(args, 4);
  const k = load<i32>(args, 8);
  const row = load<i32>(args, 12);
  const rows = load<i32>(args, 16);
  const count = (rows + 31) >> 5;
  const end = splitStart(count, 1, thread + 1, threads);
  for (let g = splitStart(count, 1, thread, threads); g < end; g++) {
    const to = groups + <usize>((row >> 5) + g) * <usize>k * GROUP_ROW;
    const lanes = min(32, rows - 32 * g);
    for (let lane = 0; lane < lanes; lane++) {
      const line = source + (<usize>((32 * g + lane) * k) << 1);
      for (let i = 0; i < k; i++) store<u16>(to + <usize>i * GROUP_ROW + (<usize>lane << 1), load<u16>(line + (<usize>i << 1)));
    }
  }
}

/** A vector to f32, zero beyond its length. args: source (u16 [n]), destination (f32 [stride]), n, stride. */
export function packVector(thread: i32, threads: i32, args: usize): void {
  if (thread != 0) return;
  const source = load<usize>(args);
  const to = load<usize>(args, 4);
  const n = load<i32>(args, 8);
  const stride = load<i32>(args, 12);
  for (let i = 0; i < n; i++) store<u32>(to + (<usize>i << 2), <u32>load<u16>(source + (<usize>i << 1)) << 16);
  memory.fill(to + (<usize>n << 2), 0, <usize>(stride - n) << 2);
}

/** Taps [119, width] to [stride / 8][124][8] f32, a zero tap after each kernel's last. args: source (u16), destination, width, stride. */
export function packTaps(thread: i32, threads: i32, args: usize): void {
  const source = load<usize>(args);
  const to = load<usize>(args, 4);
  const width = load<i32>(args, 8);
  const stride = load<i32>(args, 12);
  const groups = stride >> 3;
  const end = splitStart(groups, 1, thread + 1, threads);
  for (let g = splitStart(groups, 1, thread, threads); g < end; g++) {
    let out = to + <usize>g * TAP_BYTES;
    memory.fill(out, 0, TAP_BYTES);
    const lanes = max(0, min(8, width - 8 * g));
    let row = 0;
    for (let lags = 4; lags <= 64; lags <<= 1) {
      for (let j = 0; j < lags - 1; j++) {
        const from = source + (<usize>((row + j) * width + 8 * g) << 1);
        for (let lane = 0; lane < lanes; lane++) {
          store<u32>(out + <usize>j * 32 + (<usize>lane << 2), <u32>load<u16>(from + (<usize>lane << 1)) << 16);
        }
      }
      row += lags - 1;
      out += <usize>lags * 32;
    }
  }
}
