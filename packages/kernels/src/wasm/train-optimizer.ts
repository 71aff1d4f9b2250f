// The update of all parameters (definition: optimizer-split.ts) as ops over the session's four parameter arrays.

import type { StepHyper } from '../backend.ts';
import { decays, muonScale, usesMuon } from '../optimizer-split.ts';
import { OpList } from './op-list.ts';
import type { ThreadPool } from './thread-pool.ts';
import { FLOAT_BYTES, type ParameterBlock, type ParameterLayout, SQUARE_BLOCK } from './train-layout.ts';

/** Floats of one task of AdamW. */
const SEGMENT_FLOATS = 16384;
const SEGMENT_WORDS = 3;
const MATRIX_WORDS = 5;

/** Which rule the hidden matrices follow; all else is always under AdamW. */
export type MatrixRule = 'muon' | 'adamw';

/** Addresses of the four arrays and of the work the update shares with the passes. */
export interface OptimizerMemory {
  readonly parameters: ParameterLayout;
  readonly param: number;
  readonly gradient: number;
  readonly m: number;
  readonly v: number;
  readonly squares: number;
  readonly muonScratch: number;
  readonly muonScratchBytes: number;
}

/** Segments (offset, floats, decayed) of the blocks under AdamW. */
function adamSegments(blocks: readonly ParameterBlock[]): number[] {
  const words: number[] = [];
  for (const block of blocks) {
    const floats = block.rows * block.partStride * block.tensors.length;
    const decayed = decays(block.tensors[0]!.kind) ? 1 : 0;
    for (let start = 0; start < floats; start += SEGMENT_FLOATS) {
      words.push(block.offset + start * FLOAT_BYTES, Math.min(SEGMENT_FLOATS, floats - start), decayed);
    }
  }
  return words;
}

interface Matrix {
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
  readonly ld: number;
}

/** The matrices of the blocks under Muon, the most work first, so that no thread is left with a large one at the end. */
function muonMatrices(blocks: readonly ParameterBlock[]): Matrix[] {
  const matrices = blocks.flatMap((block) =>
    block.tensors.map((tensor, part) => ({
      offset: block.offset + part * block.partStride * FLOAT_BYTES,
      rows: block.rows,
      columns: tensor.size / block.rows,
      ld: block.partStride * block.tensors.length * FLOAT_BYTES,
    })),
  );
  return matrices.sort((a, b) => b.rows * b.columns - a.rows * a.columns);
}

export class TrainOptimizer {
  readonly #memory: OptimizerMemory;
  readonly #segments: { readonly address: number; readonly count: number };
  readonly #matrices: { readonly address: number; readonly count: number; readonly work: number };
  /** The gradient's squares summed; ready to run. */
  readonly squares: OpList = new OpList();

  /** Allocates the tables of what is updated how. */
  constructor(pool: ThreadPool, memory: OptimizerMemory, rule: MatrixRule) {
    this.#memory = memory;
    const { blocks } = memory.parameters;
    const underMuon = (block: ParameterBlock): boolean => rule === 'muon' && usesMuon(block.tensors[0]!.kind);
    const segments = adamSegments(blocks.filter((block) => !underMuon(block)));
    const matrices = muonMatrices(blocks.filter(underMuon));
    this.#segments = { address: pool.allocate(segments.length * 4), count: segments.length / SEGMENT_WORDS };
    this.#matrices = {
      address: pool.allocate(matrices.length * MATRIX_WORDS * 4 + 4),
      count: matrices.length,
      work: matrices.reduce((sum, { rows, columns }) => sum + 20 * rows * columns * Math.min(rows, columns), 0),
    };
    pool.u32(this.#segments.address, segments.length).set(segments);
    const words = pool.u32(this.#matrices.address, matrices.length * MATRIX_WORDS);
    const floats = pool.f32(this.#matrices.address, words.length);
    matrices.forEach(({ offset, rows, columns, ld }, i) => {
      words.set([offset, rows, columns, ld], i * MATRIX_WORDS);
      floats[i * MATRIX_WORDS + 4] = muonScale(rows, columns);
    });
    this.squares.add('gradient norm', 'squareSums', 2 * this.#floats, memory.gradient, this.#floats, memory.squares);
  }

  get #floats(): number {
    return this.#memory.parameters.bytes / FLOAT_BYTES;
  }

  /** Norm of the gradient after `squares` ran. */
  gradientNorm(pool: ThreadPool): number {
    const sums = pool.f64(this.#memory.squares, Math.ceil(this.#floats / SQUARE_BLOCK));
    return Math.sqrt(sums.reduce((total, sum) => total + sum, 0));
  }

  /** The ops of update number `t` (1 for the first) with the gradient times `scale`. */
  update(hyper: StepHyper, t: number, scale: number): OpList {
    const { param, gradient, m, v, muonScratch, muonScratchBytes } = this.#memory;
    const f32 = (value: number): { f32: number } => ({ f32: value });
    const ops = new OpList();
    if (this.#matrices.count > 0) {
      ops.add(
        'muon',
        'muon',
        this.#matrices.work,
        ...[
          this.#matrices.address,
          this.#matrices.count,
          param,
          gradient,
          m,
          muonScratch,
          muonScratchBytes,
          f32(scale),
        ],
        ...[f32(hyper.muonMomentum), f32(1 - hyper.muonMomentum), f32(hyper.muonLr)],
        ...[f32(hyper.muonLr * hyper.weightDecay)],
      );
    }
    ops.add(
      'adamw',
      'adamw',
      20 * this.#floats,
      ...[this.#segments.address, this.#segments.count, param, gradient, m, v, f32(scale)],
      ...[f32(hyper.beta1), f32(1 - hyper.beta1), f32(hyper.beta2), f32(1 - hyper.beta2)],
      ...[f32(hyper.adamLr), f32(hyper.epsilon), f32(1 / (1 - hyper.beta1 ** t)), f32(1 / (1 - hyper.beta2 ** t))],
      f32(hyper.adamLr * hyper.weightDecay),
    );
    return ops;
  }
}
