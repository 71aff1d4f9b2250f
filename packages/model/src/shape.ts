// Shape of the model and what follows from it (spec/model.md MOD-1 to MOD-3; white paper sections 2.1, 4.1).

/** Number of key/value slots per layer (white paper 2.1.3). */
export const SLOTS = 64;

/** Kernel sizes of the five convolution branches, in their order of storage and summation (white paper 2.1.1). */
export const KERNELS = [3, 7, 15, 31, 63] as const;

/** Taps per channel over all branches: 3 + 7 + 15 + 31 + 63. */
export const TAPS = 119;

/** First row of each branch in `conv.taps`. */
export const KERNEL_OFFSETS = [0, 3, 10, 25, 56] as const;

/** Inputs a convolution must remember: the longest kernel less the present input. */
export const CONV_HISTORY = 62;

export const MAX_WIDTH = 4096;
export const MAX_LAYERS = 48;
export const MAX_VOCAB = 65536;

/**
 * All that the function depends on besides the weights.
 * `baseWidth` is the network's genesis width d0: a constant divisor of norms and slot scores, never the current width.
 */
export interface ModelShape {
  readonly vocab: number;
  readonly width: number;
  readonly layers: number;
  readonly baseWidth: number;
}

/** Hidden width of the SwiGLU branch: 7 d / 2, an integer because widths are even. */
export function hiddenWidth(width: number): number {
  return (7 * width) / 2;
}

/** Whether the numbers form a shape that MOD-1 allows. */
export function isValidShape(shape: ModelShape): boolean {
  const { vocab, width, layers, baseWidth } = shape;
  return (
    [vocab, width, layers, baseWidth].every(Number.isSafeInteger) &&
    vocab >= 2 &&
    vocab <= MAX_VOCAB &&
    width >= 2 &&
    width <= MAX_WIDTH &&
    width % 2 === 0 &&
    layers >= 1 &&
    layers <= MAX_LAYERS &&
    baseWidth >= 2 &&
    baseWidth % 2 === 0 &&
    baseWidth <= width
  );
}

/** Number of parameters (MOD-3). Genesis (50257, 384, 6) has exactly 33,620,736. */
export function parameterCount(shape: {
  readonly vocab: number;
  readonly width: number;
  readonly layers: number;
}): number {
  const d = shape.width;
  const h = hiddenWidth(d);
  const conv = TAPS * d;
  const norms = 4 * d;
  const gru = 3 * d * d + 3 * d;
  const slot = 2 * d * d + 2 * d + 2 * SLOTS * d;
  const ffn = 3 * d * h + 2 * h + d;
  return shape.vocab * d + d + shape.layers * (conv + norms + gru + slot + ffn);
}
