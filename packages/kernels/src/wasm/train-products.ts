// Matrix products of a training session as ops: packing of operands, then the product (assembly/train/gemm.ts).

import type { OpList } from './op-list.ts';
import { FLOAT_BYTES } from './train-layout.ts';

const TILE_ROWS = 6;
const PANEL_COLUMNS = 16;
/** Tiles of a task: 96 rows, whose block of A (96 x 384 floats) fits a second-level cache beside a panel of B. */
const TASK_TILES = 16;
/** Panels of a task at most. */
const TASK_PANELS = 32;
/** Tasks a product is cut into, per thread, where it is large enough: the last ones even out what other programs take. */
const TASKS_PER_THREAD = 4;

/** Where the products of one session pack their operands. */
export interface ProductSpace {
  readonly threads: number;
  readonly packA: number;
  readonly packB: number;
}

/** A operand read in place: rows along the depth, `ld` bytes apart. */
export interface RowsOperand {
  readonly address: number;
  readonly ld: number;
}

/** B operand as stored, `ld` bytes between rows: [depth][columns], or, where `transposedRows` is given, its transpose with so many rows. */
export interface MatrixOperand extends RowsOperand {
  readonly transposedRows?: number;
}

export interface ProductTarget {
  readonly address: number;
  readonly ld: number;
  readonly rows: number;
  /** Columns, a multiple of 8: padding columns are computed too. */
  readonly columns: number;
  /** Added to the product, same shape and ld; the target itself to accumulate. */
  readonly addend?: number;
  /** Added to every row. */
  readonly bias?: number;
}

/** How a transposed A is scaled while it is packed: by row of the stored matrix and by column. */
export interface OperandScale {
  readonly rows: number;
  readonly columns: number;
}

export class Products {
  readonly #ops: OpList;
  readonly #space: ProductSpace;

  constructor(ops: OpList, space: ProductSpace) {
    this.#ops = ops;
    this.#space = space;
  }

  /** C = A B: B is packed, A read in place. depth: rows of A's run; for a transposed B a multiple of 4. */
  rows(label: string, a: RowsOperand, b: MatrixOperand, depth: number, c: ProductTarget): void {
    const { packB } = this.#space;
    if (b.transposedRows === undefined) this.packPlain(label, b, depth, c.columns, packB, 0);
    else this.packTransposed(label, b, b.transposedRows, depth, packB);
    this.rowsPacked(label, a, this.#space.packB, depth, c);
  }

  /** As `rows`, with a B packed before. */
  rowsPacked(label: string, a: RowsOperand, packedB: number, depth: number, c: ProductTarget): void {
    this.#product(label, a.address, TILE_ROWS * a.ld, a.ld, FLOAT_BYTES, packedB, depth, c);
  }

  /**
   * C = A^T B for A [depth][c.rows] and B [depth][c.columns] as stored: both are packed.
   * sums: where the column sums of B go (a bias gradient), or 0.
   */
  transposed(
    label: string,
    a: RowsOperand & { readonly scale?: OperandScale },
    b: RowsOperand,
    depth: number,
    c: ProductTarget,
    sums = 0,
  ): void {
    const { packA, packB } = this.#space;
    this.#ops.add(
      `${label} pack`,
      'packATransposed',
      2 * depth * c.rows,
      ...[a.address, a.ld, depth, c.rows, packA, a.scale?.rows ?? 0, a.scale?.columns ?? 0],
    );
    this.packPlain(label, b, depth, c.columns, packB, sums);
    const tileStride = depth * TILE_ROWS * FLOAT_BYTES;
    this.#product(label, packA, tileStride, FLOAT_BYTES, TILE_ROWS * FLOAT_BYTES, packB, depth, c);
  }

  /** Packs B [depth][columns]. */
  packPlain(label: string, b: RowsOperand, depth: number, columns: number, target: number, sums: number): void {
    this.#ops.add(`${label} pack`, 'packBPlain', 2 * depth * columns, b.address, b.ld, depth, columns, target, sums);
  }

  /** Packs the transpose of b [rows][depth] as B, rows rounded up to 8. */
  packTransposed(label: string, b: RowsOperand, rows: number, depth: number, target: number): void {
    this.#ops.add(`${label} pack`, 'packBTransposed', 2 * rows * depth, b.address, b.ld, rows, depth, target);
  }

  #product(
    label: string,
    a: number,
    tileStride: number,
    rowStride: number,
    depthStride: number,
    b: number,
    depth: number,
    c: ProductTarget,
  ): void {
    const panels = Math.ceil(c.columns / PANEL_COLUMNS);
    const tileTasks = Math.ceil(c.rows / TILE_ROWS / TASK_TILES);
    const wanted = Math.ceil((TASKS_PER_THREAD * this.#space.threads) / tileTasks);
    const taskPanels = Math.min(TASK_PANELS, Math.max(2, Math.ceil(panels / wanted)));
    this.#ops.add(
      label,
      'gemm',
      2 * c.rows * c.columns * depth,
      ...[a, tileStride, rowStride, depthStride, b, c.address, c.ld, c.addend ?? 0, c.bias ?? 0],
      ...[c.rows, c.columns, depth, TASK_TILES, taskPanels],
    );
  }
}
