// The tensors of a model as named views on one array that holds them end to end in canonical order (spec/model.md MOD-4).

import type { ModelShape } from './shape.ts';
import { tensorSpecs } from './tensors.ts';

/** What a view must offer: every typed array does. */
export interface Sliceable<A> {
  readonly length: number;
  subarray(begin: number, end: number): A;
}

/** One layer. d = width, h = 7 d / 2; matrices are [in, out], row-major. */
export interface LayerViews<A> {
  /** [d] */
  readonly convNorm: A;
  /** [119, d] */
  readonly taps: A;
  /** [d] */
  readonly gruNorm: A;
  /** w*: [d, d], b*: [d] */
  readonly wz: A;
  readonly bz: A;
  readonly wh: A;
  readonly bh: A;
  readonly wo: A;
  readonly bo: A;
  /** [d] */
  readonly slotNorm: A;
  /** [d, d], [d] */
  readonly wq: A;
  readonly bq: A;
  /** [64, d] each */
  readonly keys: A;
  readonly values: A;
  /** [d, d], [d] */
  readonly slotWo: A;
  readonly slotBo: A;
  /** [d] */
  readonly ffnNorm: A;
  /** [d, h], [h] twice, then [h, d], [d] */
  readonly wgate: A;
  readonly bgate: A;
  readonly wup: A;
  readonly bup: A;
  readonly wdown: A;
  readonly bdown: A;
}

export interface ModelViews<A> {
  /** [V, d] */
  readonly embed: A;
  readonly layers: readonly LayerViews<A>[];
  /** [d] */
  readonly norm: A;
}

/** Views on `data`, which must hold exactly the tensors of `shape`. Writing to a view writes to `data`. */
export function modelViews<A extends Sliceable<A>>(shape: ModelShape, data: A): ModelViews<A> {
  const views = new Map<string, A>();
  let end = 0;
  for (const spec of tensorSpecs(shape)) {
    end = spec.offset + spec.size;
    views.set(spec.name, data.subarray(spec.offset, end));
  }
  if (data.length !== end) {
    throw new RangeError(
      `${data.length} values do not fill the ${end} parameters of the shape: pass the weights of this very shape`,
    );
  }
  const view = (name: string): A => views.get(name)!;
  const layers = Array.from({ length: shape.layers }, (_, l): LayerViews<A> => {
    const p = `layers.${l}.`;
    return {
      convNorm: view(`${p}conv.norm`),
      taps: view(`${p}conv.taps`),
      gruNorm: view(`${p}gru.norm`),
      wz: view(`${p}gru.wz`),
      bz: view(`${p}gru.bz`),
      wh: view(`${p}gru.wh`),
      bh: view(`${p}gru.bh`),
      wo: view(`${p}gru.wo`),
      bo: view(`${p}gru.bo`),
      slotNorm: view(`${p}slot.norm`),
      wq: view(`${p}slot.wq`),
      bq: view(`${p}slot.bq`),
      keys: view(`${p}slot.keys`),
      values: view(`${p}slot.values`),
      slotWo: view(`${p}slot.wo`),
      slotBo: view(`${p}slot.bo`),
      ffnNorm: view(`${p}ffn.norm`),
      wgate: view(`${p}ffn.wgate`),
      bgate: view(`${p}ffn.bgate`),
      wup: view(`${p}ffn.wup`),
      bup: view(`${p}ffn.bup`),
      wdown: view(`${p}ffn.wdown`),
      bdown: view(`${p}ffn.bdown`),
    };
  });
  return { embed: view('embed'), layers, norm: view('norm') };
}
