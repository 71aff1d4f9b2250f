// The canonical list of tensors (spec/model.md MOD-4).

import { hiddenWidth, type ModelShape, SLOTS, TAPS } from './shape.ts';

/** What a tensor is, whichever layer it belongs to: decides initialisation, growth and which optimiser updates it. */
export type TensorKind =
  | 'embed'
  | 'gain'
  | 'taps'
  | 'wz'
  | 'bz'
  | 'wh'
  | 'bh'
  | 'wo'
  | 'bo'
  | 'wq'
  | 'bq'
  | 'keys'
  | 'values'
  | 'wgate'
  | 'bgate'
  | 'wup'
  | 'bup'
  | 'wdown'
  | 'bdown';

export interface TensorSpec {
  readonly name: string;
  readonly kind: TensorKind;
  /** Layer index, or -1 for `embed` and the final `norm`. */
  readonly layer: number;
  /** One or two dimensions; a matrix is [in, out], row-major. */
  readonly dims: readonly [number] | readonly [number, number];
  /** Number of elements. */
  readonly size: number;
  /** Index of the first element when all tensors are laid end to end in canonical order. */
  readonly offset: number;
}

/** All tensors of a shape in canonical order. */
export function tensorSpecs(shape: ModelShape): TensorSpec[] {
  const d = shape.width;
  const h = hiddenWidth(d);
  const specs: TensorSpec[] = [];
  let offset = 0;
  const add = (name: string, kind: TensorKind, layer: number, ...dims: [number] | [number, number]): void => {
    const size = dims.length === 1 ? dims[0] : dims[0] * dims[1];
    specs.push({ name, kind, layer, dims, size, offset });
    offset += size;
  };
  add('embed', 'embed', -1, shape.vocab, d);
  for (let l = 0; l < shape.layers; l++) {
    const p = `layers.${l}.`;
    add(`${p}conv.norm`, 'gain', l, d);
    add(`${p}conv.taps`, 'taps', l, TAPS, d);
    add(`${p}gru.norm`, 'gain', l, d);
    for (const m of ['z', 'h', 'o'] as const) {
      add(`${p}gru.w${m}`, `w${m}`, l, d, d);
      add(`${p}gru.b${m}`, `b${m}`, l, d);
    }
    add(`${p}slot.norm`, 'gain', l, d);
    add(`${p}slot.wq`, 'wq', l, d, d);
    add(`${p}slot.bq`, 'bq', l, d);
    add(`${p}slot.keys`, 'keys', l, SLOTS, d);
    add(`${p}slot.values`, 'values', l, SLOTS, d);
    add(`${p}slot.wo`, 'wo', l, d, d);
    add(`${p}slot.bo`, 'bo', l, d);
    add(`${p}ffn.norm`, 'gain', l, d);
    add(`${p}ffn.wgate`, 'wgate', l, d, h);
    add(`${p}ffn.bgate`, 'bgate', l, h);
    add(`${p}ffn.wup`, 'wup', l, d, h);
    add(`${p}ffn.bup`, 'bup', l, h);
    add(`${p}ffn.wdown`, 'wdown', l, h, d);
    add(`${p}ffn.bdown`, 'bdown', l, d);
  }
  add('norm', 'gain', -1, d);
  return specs;
}
