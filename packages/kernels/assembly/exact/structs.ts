// What the host lays out in memory for the exact evaluator; src/wasm/exact-layout.ts writes the same fields in the same order, 4 bytes each.

/** One model. A "stride" is a width rounded up to 16; everything beyond the width is zero, which adds nothing to any sum. */
// @ts-ignore: decorator
@unmanaged
export class Model {
  vocab: i32;
  width: i32;
  stride: i32;
  hidden: i32;
  hiddenStride: i32;
  layerCount: i32;
  /** c of EVAL-5: f32(1 / d0). */
  normScale: f32;
  /** EVAL-8: f32(1 / sqrt(d0)). */
  slotScale: f32;
  /** Transposed embedding: K = width, N = vocab. */
  embed: usize;
  norm: usize;
  /** 32 zeros: the bias of a linear without one. */
  zeros: usize;
  /** Address of the first Layer; the others follow. */
  layers: usize;
}

/**
 * One layer. Vectors are f32 of the stride's length; matrices are groups of 32 columns (gemm.ts); `taps` is [stride / 8][5 kernels of 4, 8, 16, 32, 64 lags][8], each kernel
 * longer by a last tap of zero.
 */
// @ts-ignore: decorator
@unmanaged
export class Layer {
  convNorm: usize;
  taps: usize;
  gruNorm: usize;
  wz: usize;
  bz: usize;
  wh: usize;
  bh: usize;
  wo: usize;
  bo: usize;
  slotNorm: usize;
  wq: usize;
  bq: usize;
  /** Transposed keys: K = width, N = 64. */
  keys: usize;
  /** K = 64, N = width. */
  values: usize;
  slotWo: usize;
  slotBo: usize;
  ffnNorm: usize;
  wgate: usize;
  bgate: usize;
  wup: usize;
  bup: usize;
  wdown: usize;
  bdown: usize;
}

/** Activations of one window, shared by the threads that work on it. T = its steps. */
// @ts-ignore: decorator
@unmanaged
export class Activations {
  /** [T, stride] residual stream. */
  x: usize;
  /** [T, stride] output of a norm. */
  u: usize;
  /** [stride / 16][historyRows][16] inputs of the convolution; the first 64 rows are the time before the window: zero. */
  history: usize;
  historyRows: i32;
  /** [T, stride] state, then queries, then what is read from the slots. */
  mixed: usize;
  /** [ffnRows, hiddenStride] hidden units of a block of steps. */
  hidden: usize;
  ffnRows: i32;
  /** [T, 64] slot scores, then slot weights. */
  scores: usize;
  /** [vocab / 16][logitRows][16] logits of a block of steps. */
  logits: usize;
  logitRows: i32;
  /** [threads][logitRows][16] greatest logits per lane. */
  maxima: usize;
  /** [logitRows][16] lanes of the sums of exponentials. */
  sums: usize;
  /** Set to 1 when a stored value is NaN or infinite. */
  nonFinite: i32;
}

/** What each thread has for itself. */
// @ts-ignore: decorator
@unmanaged
export class Workspace {
  /** [max(K), 8] one panel of weights, widened. */
  panel: usize;
  /** Two outputs of a panel, [T, 8] each. */
  out: usize;
  out2: usize;
}

/** State and buffers of a decoder. Rows have the model's stride. */
// @ts-ignore: decorator
@unmanaged
export class Decoding {
  model: usize;
  /** The id to feed. */
  id: i32;
  /** [layers][stride] h. */
  state: usize;
  /** [layers][stride / 16][historyRows][16] inputs of the convolutions; the present one goes to row `historyRow`, earlier ones lie before it. */
  history: usize;
  historyRows: i32;
  historyRow: i32;
  /** [stride] residual stream; state, then what is read from the slots; queries. */
  x: usize;
  mixed: usize;
  query: usize;
  /** [64] slot scores. */
  scores: usize;
  /** [hiddenStride] hidden units. */
  hidden: usize;
  /** [vocab, rounded up to 16]. */
  logits: usize;
  nonFinite: i32;
  /** [threads] what each thread has for itself: `ownBytes` each. */
  own: usize;
  ownBytes: i32;
}

// @ts-ignore: decorator
@inline
export function layerAt(model: Model, index: i32): Layer {
  return changetype<Layer>(model.layers + <usize>index * offsetof<Layer>());
}
