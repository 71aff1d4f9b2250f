// Where everything of a training session lies in the one shared memory. All offsets are bytes, all sizes multiples of 64.
//
// Notation: R = windows x window rows, d = width, ds = d rounded up to 8, h = 7 d / 2, hs = h rounded up to 8, V = vocabulary, Vs = V rounded up to 8.
// Rows are padded to ds or hs floats; the padding of parameters, gradients, moments and of every activation that feeds a product is always 0, but for
// the states h: products read d of their channels.
//
// Parameters, their gradient, and the optimiser's m and v are four arrays of one layout (ParameterLayout). Matrices that multiply the same input lie side by
// side in one block, so that one product computes all of them: wz | wh as [d][2 ds] and wgate | wup as [d][2 hs], their biases likewise. bq follows wq as
// one more row, so that slots multiply [wq; bq] by the keys once per step instead of every row's query by them.

import { hiddenWidth, type ModelShape, SLOTS, TAPS } from '@resonancenet/model/shape';
import { type TensorKind, type TensorSpec, tensorSpecs } from '@resonancenet/model/tensors';

export const FLOAT_BYTES = 4;
/** Rows of logits that exist at once: a multiple of the register tile's six, about 100 MB at the genesis vocabulary. */
const CHUNK_ROWS = 516;
/** Rows of one partial sum of a gain's gradient (assembly/train/norm.ts). */
const NORM_ROWS = 32;
/** Floats of one partial sum of squares (assembly/train/adamw.ts). */
export const SQUARE_BLOCK = 32768;

export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** Tensors that share the rows of one block, side by side; most blocks hold one. */
export interface ParameterBlock {
  readonly tensors: readonly TensorSpec[];
  /** Byte offset in the parameter array. */
  readonly offset: number;
  readonly rows: number;
  /** Floats of one tensor's part of a row, padding included. */
  readonly partStride: number;
}

/** Byte offsets of one layer's blocks in the parameter array. */
export interface LayerOffsets {
  readonly convNorm: number;
  readonly taps: number;
  readonly gruNorm: number;
  readonly wzh: number;
  readonly bzh: number;
  readonly wo: number;
  readonly bo: number;
  readonly slotNorm: number;
  /** [d + 1][ds]: wq and, as its last row, bq. */
  readonly wq: number;
  readonly keys: number;
  readonly values: number;
  readonly slotWo: number;
  readonly slotBo: number;
  readonly ffnNorm: number;
  readonly wgu: number;
  readonly bgu: number;
  readonly wdown: number;
  readonly bdown: number;
}

export interface ParameterLayout {
  readonly blocks: readonly ParameterBlock[];
  readonly embed: number;
  readonly layers: readonly LayerOffsets[];
  readonly norm: number;
  readonly bytes: number;
}

/** Which tensors share a block: the first names the block, the others follow in its rows. */
const SIDE_BY_SIDE: ReadonlyMap<TensorKind, readonly TensorKind[]> = new Map<TensorKind, readonly TensorKind[]>([
  ['wz', ['wz', 'wh']],
  ['bz', ['bz', 'bh']],
  ['wgate', ['wgate', 'wup']],
  ['bgate', ['bgate', 'bup']],
]);

/** Lays out the tensors of a shape. */
export function parameterLayout(shape: ModelShape): ParameterLayout {
  const specs = tensorSpecs(shape);
  const blocks: ParameterBlock[] = [];
  const placed = new Set<TensorSpec>();
  let offset = 0;
  for (const first of specs) {
    if (placed.has(first)) continue;
    const kinds = SIDE_BY_SIDE.get(first.kind) ?? [first.kind];
    const tensors =
      kinds.length === 1
        ? [first]
        : kinds.map((kind) => specs.find((spec) => spec.kind === kind && spec.layer === first.layer)!);
    for (const tensor of tensors) placed.add(tensor);
    const rows = first.dims.length === 2 ? first.dims[0] : 1;
    const partStride = roundUp(first.dims[first.dims.length - 1]!, 8);
    blocks.push({ tensors, offset, rows, partStride });
    offset += rows * partStride * tensors.length * FLOAT_BYTES;
  }
  const at = (name: string): number => blocks.find((block) => block.tensors[0]!.name === name)!.offset;
  const layers = Array.from({ length: shape.layers }, (_, l): LayerOffsets => {
    const p = `layers.${l}.`;
    return {
      convNorm: at(`${p}conv.norm`),
      taps: at(`${p}conv.taps`),
      gruNorm: at(`${p}gru.norm`),
      wzh: at(`${p}gru.wz`),
      bzh: at(`${p}gru.bz`),
      wo: at(`${p}gru.wo`),
      bo: at(`${p}gru.bo`),
      slotNorm: at(`${p}slot.norm`),
      wq: at(`${p}slot.wq`),
      keys: at(`${p}slot.keys`),
      values: at(`${p}slot.values`),
      slotWo: at(`${p}slot.wo`),
      slotBo: at(`${p}slot.bo`),
      ffnNorm: at(`${p}ffn.norm`),
      wgu: at(`${p}ffn.wgate`),
      bgu: at(`${p}ffn.bgate`),
      wdown: at(`${p}ffn.wdown`),
      bdown: at(`${p}ffn.bdown`),
    };
  });
  return { blocks, embed: at('embed'), layers, norm: at('norm'), bytes: roundUp(offset, 64) };
}

/** What one layer's forward pass saves. Byte offsets from the start of the work space. */
export interface SavedOffsets {
  /** Inputs of the four branches, [R][ds] each, and the inverse norms of their rows, [R] each. */
  readonly x: readonly [number, number, number, number];
  readonly r: readonly [number, number, number, number];
  /** Convolutions before SiLU, [windows][ds / 8][5][window rounded up to 8][8]. */
  readonly branches: number;
  /** [R][2 ds]: z | c, then their gradients. */
  readonly gates: number;
  /** [R][ds] */
  readonly h: number;
  /** [d + 1][64]: [wq; bq] keys^T */
  readonly scorer: number;
  /** Slot probabilities, [R][64]. */
  readonly p: number;
  /** [64][ds]: values slotWo, what a slot writes. */
  readonly written: number;
  /** [R][2 hs]: gate | up, then their gradients. */
  readonly gu: number;
}

/** Byte offsets from the start of the work space. */
export interface WorkLayout {
  readonly chunkRows: number;
  readonly inputs: number;
  readonly targets: number;
  readonly layers: readonly SavedOffsets[];
  /** Residual stream after the last layer, its inverse norms, its normalisation. */
  readonly x: number;
  readonly r: number;
  readonly final: number;
  /** [R][ds]: normalised input of a branch, then its gradient. */
  readonly u: number;
  /** [R][ds]: gradient of the states. */
  readonly dh: number;
  /** [R][hs]: hidden values of SwiGLU, or their gradient. */
  readonly hidden: number;
  /** [R][64]: gradient of the slot scores. */
  readonly dp: number;
  /** [d + 1][64]: gradient of the scorer. */
  readonly dscorer: number;
  /** [64][ds]: gradient of what the slots write. */
  readonly dwritten: number;
  /** [R][ds]: gradient of the residual stream. */
  readonly dx: number;
  /** Packed operands of products. */
  readonly packA: number;
  readonly packB: number;
  /** [ceil(R / 32)][ds] */
  readonly partials: number;
  /** f64 [R][2]: largest logit - target's, sum of exponentials. */
  readonly losses: number;
  /** f64, one per 32,768 floats of gradient. */
  readonly squares: number;
  /** Each thread's own. */
  readonly threadScratch: number;
  readonly threadScratchBytes: number;
  /** Shared by the loss (embedding packed both ways, a chunk of its input, a chunk of logits) and by Muon (per thread), which never run together. */
  readonly embedTransposed: number;
  readonly embedPlain: number;
  readonly chunkPacked: number;
  readonly logits: number;
  readonly muonScratch: number;
  readonly muonScratchBytes: number;
  readonly bytes: number;
}

class Allocator {
  end = 0;
  floats(count: number): number {
    const start = this.end;
    this.end = roundUp(start + count * FLOAT_BYTES, 64);
    return start;
  }
}

/** Floats one thread needs to orthogonalise a matrix (assembly/train/muon.ts). */
function muonFloats(rows: number, columns: number): number {
  const width = roundUp(columns, 8);
  const side = Math.min(rows, columns);
  const packed = roundUp(rows, 16) * roundUp(columns, 16) + rows * roundUp(columns, 6);
  return 2 * rows * width + 2 * side * roundUp(side, 8) + packed;
}

/** Tiles of A that one task of gemmTransposedA packs. */
export const TRANSPOSED_TILES = 16;

function threadScratchFloats(shape: ModelShape, window: number, chunkRows: number): number {
  const steps = roundUp(window, 8);
  const convolution = 8 * (4 * steps + 2 * 64 + TAPS + 128);
  return Math.max(convolution, TRANSPOSED_TILES * 6 * chunkRows, shape.width);
}

/** Lays out the work space of batches of up to `batch` windows of up to `window` ids. */
export function workLayout(shape: ModelShape, batch: number, window: number, threads: number): WorkLayout {
  const rows = batch * window;
  const d = shape.width;
  const ds = roundUp(d, 8);
  const h = hiddenWidth(d);
  const hs = roundUp(h, 8);
  const vs = roundUp(shape.vocab, 8);
  const chunkRows = Math.min(rows, CHUNK_ROWS);
  const space = new Allocator();
  const wide = (): number => space.floats(rows * ds);
  const inputs = space.floats(Math.ceil(rows / 2));
  const targets = space.floats(Math.ceil(rows / 2));
  const layers = Array.from(
    { length: shape.layers },
    (): SavedOffsets => ({
      x: [wide(), wide(), wide(), wide()],
      r: [space.floats(rows), space.floats(rows), space.floats(rows), space.floats(rows)],
      branches: space.floats(5 * batch * roundUp(window, 8) * ds),
      gates: space.floats(2 * rows * ds),
      h: wide(),
      scorer: space.floats((d + 1) * SLOTS),
      p: space.floats(rows * SLOTS),
      written: space.floats(SLOTS * ds),
      gu: space.floats(2 * rows * hs),
    }),
  );
  const fixed = {
    x: wide(),
    r: space.floats(rows),
    final: wide(),
    u: wide(),
    dh: wide(),
    hidden: space.floats(rows * hs),
    dp: space.floats(rows * SLOTS),
    dscorer: space.floats((d + 1) * SLOTS),
    dwritten: space.floats(SLOTS * ds),
    dx: wide(),
    packA: space.floats(Math.max(rows, d + 1, SLOTS) * roundUp(Math.max(h, SLOTS), 6)),
    packB: space.floats(roundUp(Math.max(rows, d + 1, SLOTS), 16) * roundUp(Math.max(2 * hs, 2 * ds, SLOTS), 16)),
    partials: space.floats(Math.ceil(rows / NORM_ROWS) * ds),
    losses: space.floats(4 * rows),
    squares: space.floats(2 * Math.ceil(parameterLayout(shape).bytes / FLOAT_BYTES / SQUARE_BLOCK)),
  };
  const threadScratchBytes = roundUp(threadScratchFloats(shape, window, chunkRows) * FLOAT_BYTES, 64);
  const threadScratch = space.floats((threads * threadScratchBytes) / FLOAT_BYTES);
  const shared = space.end;
  const embedTransposed = space.floats(roundUp(vs, 16) * ds);
  const embedPlain = space.floats(shape.vocab * roundUp(ds, 16));
  const chunkPacked = space.floats(chunkRows * roundUp(ds, 16));
  const logits = space.floats(chunkRows * vs);
  const muonScratchBytes = roundUp(Math.max(muonFloats(d, d), muonFloats(d, h), muonFloats(h, d)) * FLOAT_BYTES, 64);
  // The last line is a margin: packing reads up to 24 bytes beyond a row.
  const bytes = Math.max(space.end, shared + threads * muonScratchBytes) + 64;
  return {
    ...{ chunkRows, inputs, targets, layers, ...fixed, threadScratch, threadScratchBytes },
    ...{ embedTransposed, embedPlain, chunkPacked, logits, muonScratch: shared, muonScratchBytes, bytes },
  };
}
