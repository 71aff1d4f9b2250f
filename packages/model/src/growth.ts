// Growth that keeps the function to the bit (spec/model.md MOD-6, MOD-7): what is written to new dimensions is 0, what is read from them is random, new layers
// are the identity. The optimiser's state grows with the weights.

import { widenBf16 } from './bf16.ts';
import {
  columnsOf,
  type ElementWords,
  elementWords,
  FIRST_TAP,
  genesisValue,
  type InitialAmplitudes,
} from './random-weights.ts';
import { isValidShape, type ModelShape, parameterCount } from './shape.ts';
import { type TensorSpec, tensorSpecs } from './tensors.ts';

/** What a trainer needs to go on (the kernels' TrainerState): parameters and moments, each over all tensors in canonical order. */
export interface GrowableState {
  readonly step: number;
  readonly param: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Arrays that growth can copy. */
interface Elements {
  readonly length: number;
  [index: number]: number;
  subarray(begin: number, end: number): this;
  set(values: this, offset: number): void;
}

/** Value of an element that is new; `old` is the tensor before growth, absent in a new layer. */
type NewValue = (row: number, column: number, columns: number) => number;
type NewValues = (spec: TensorSpec, old: TensorSpec | undefined) => NewValue;

/**
 * Weights of shape `to`, BF16 bits, that compute bit for bit the same logits as `data` of shape `from`.
 * @param seed 32 bytes; a miner uses the parent's block id.
 * @throws RangeError if `to` is not the same network's shape, at least as large.
 */
export function growWeights(
  from: ModelShape,
  data: Uint16Array,
  to: ModelShape,
  seed: Uint8Array,
  amplitudes: InitialAmplitudes,
): Uint16Array {
  const grown = new Uint16Array(parameterCount(to));
  growElements(from, data, to, grown, newWeights(seed, amplitudes));
  return grown;
}

/**
 * The state of a trainer for shape `to`. Parameters grow like weights; `m` is 0 for new elements; `v` is the mean of the old elements of the row (of the
 * whole tensor in a new row, of the last old layer's tensor in a new layer), because with v = 0 bias correction, long run out, would make the first update
 * of a new element up to (1 - beta1) / sqrt(1 - beta2) times the learning rate.
 */
export function growTrainerState(
  from: ModelShape,
  state: GrowableState,
  to: ModelShape,
  seed: Uint8Array,
  amplitudes: InitialAmplitudes,
): GrowableState {
  const bits = newWeights(seed, amplitudes);
  const widened: NewValues = (spec, old) => {
    const value = bits(spec, old);
    return (row, column, columns) => widenBf16(Uint16Array.of(value(row, column, columns)))[0]!;
  };
  const grow = (values: Float32Array, newValues: NewValues): Float32Array => {
    const grown = new Float32Array(parameterCount(to));
    growElements(from, values, to, grown, newValues);
    return grown;
  };
  return {
    step: state.step,
    param: grow(state.param, widened),
    m: grow(state.m, () => () => 0),
    v: grow(state.v, meansOf(from, state.v)),
  };
}

/** Copies what exists and asks `newValues` for the rest. */
function growElements<A extends Elements>(
  from: ModelShape,
  source: A,
  to: ModelShape,
  target: A,
  newValues: NewValues,
): void {
  const larger = to.width >= from.width && to.layers >= from.layers;
  const same = to.vocab === from.vocab && to.baseWidth === from.baseWidth;
  if (!isValidShape(from) || !isValidShape(to) || !larger || !same) {
    const text = (s: ModelShape): string =>
      `${s.layers} layers of ${s.width} (vocabulary ${s.vocab}, base ${s.baseWidth})`;
    throw new RangeError(
      `cannot grow ${text(from)} to ${text(to)}: growth never shrinks and keeps vocabulary and base`,
    );
  }
  if (source.length !== parameterCount(from)) {
    throw new RangeError(
      `${source.length} values are not the ${parameterCount(from)} parameters of the shape to grow from`,
    );
  }
  const oldSpecs = new Map(tensorSpecs(from).map((spec) => [spec.name, spec]));
  for (const spec of tensorSpecs(to)) {
    const old = oldSpecs.get(spec.name);
    const columns = columnsOf(spec);
    const oldColumns = old === undefined ? 0 : columnsOf(old);
    const oldRows = old === undefined ? 0 : old.size / oldColumns;
    const newValue = newValues(spec, old);
    for (let row = 0; row < spec.size / columns; row++) {
      const at = spec.offset + row * columns;
      const kept = row < oldRows ? oldColumns : 0;
      if (old !== undefined && kept > 0) {
        const begin = old.offset + row * oldColumns;
        target.set(source.subarray(begin, begin + kept), at);
      }
      for (let column = kept; column < columns; column++) target[at + column] = newValue(row, column, columns);
    }
  }
}

/** BF16 bits of new elements: the tables of MOD-6 (existing tensors) and MOD-7 (new layers). */
function newWeights(seed: Uint8Array, amplitudes: InitialAmplitudes): NewValues {
  return (spec, old) => {
    const words = elementWords(seed, spec.name);
    return (row, column, columns) => {
      const index = row * columns + column;
      return old === undefined
        ? newLayerValue(spec, index, columns, words, amplitudes)
        : newDimensionValue(spec, index, columns, words, amplitudes);
    };
  };
}

/** MOD-7: as at genesis, but taps 0, because the input of a new layer's convolution is not. */
function newLayerValue(
  spec: TensorSpec,
  index: number,
  columns: number,
  words: ElementWords,
  amplitudes: InitialAmplitudes,
): number {
  return spec.kind === 'taps' ? 0 : genesisValue(spec.kind, index, columns, words, amplitudes);
}

/** MOD-6. */
function newDimensionValue(
  spec: TensorSpec,
  index: number,
  columns: number,
  words: ElementWords,
  amplitudes: InitialAmplitudes,
): number {
  switch (spec.kind) {
    case 'embed':
    case 'keys':
      return 0;
    case 'taps':
      return index < columns ? FIRST_TAP : 0;
    default:
      // gains 1; wo, wdown and biases 0; wz, wh, wq, values, wgate, wup random: as at genesis
      return genesisValue(spec.kind, index, columns, words, amplitudes);
  }
}

/** New second moments: means of old ones. */
function meansOf(from: ModelShape, v: Float32Array): NewValues {
  const oldSpecs = new Map(tensorSpecs(from).map((spec) => [spec.name, spec]));
  const mean = (begin: number, end: number): number => {
    let sum = 0;
    for (let i = begin; i < end; i++) sum += v[i]!;
    return sum / (end - begin);
  };
  return (spec, old) => {
    const template = old ?? oldSpecs.get(spec.name.replace(/^layers\.\d+/, `layers.${from.layers - 1}`))!;
    const wholeMean = mean(template.offset, template.offset + template.size);
    const oldColumns = columnsOf(template);
    const oldRows = template.size / oldColumns;
    let lastRow = -1;
    let rowMean = 0;
    return (row) => {
      if (old === undefined || row >= oldRows) return wholeMean;
      if (row !== lastRow) {
        const begin = template.offset + row * oldColumns;
        rowMean = mean(begin, begin + oldColumns);
        lastRow = row;
      }
      return rowMean;
    };
  };
}
