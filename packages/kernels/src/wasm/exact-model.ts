// A model's weights in the memory of a pool, in the layout of assembly/exact/structs.ts: matrices as groups of BF16 columns, vectors and taps as binary32.

import { hiddenWidth, type ModelShape, SLOTS } from '@resonancenet/model/shape';
import { type TensorSpec, tensorSpecs } from '@resonancenet/model/tensors';
import type { Bf16Weights } from '../backend.ts';
import type { ThreadPool } from './thread-pool.ts';

/** Tensors travel through a buffer of at most this size, so that loading needs no second copy of the model. */
const STAGING_BYTES = 2 ** 22;
/** From this many elements on, packing them is worth the waking of other threads. */
const SHARED_FROM = 2 ** 18;
/** Taps per channel as stored: each of the five kernels is one zero longer than in the file. */
const STORED_TAPS = 124;
/** A row of a group: 32 columns of BF16. */
const GROUP_ROW_BYTES = 64;
/** The bias of a linear map without one: 32 zeros. */
const ZERO_BYTES = 128;
/** Fields of one Layer in structs.ts: the tensors of a layer in canonical order. */
const LAYER_FIELDS = 23;

/** Rounds up to whole cache lines of binary32: the stride of rows and the length of vectors. */
export function padded(width: number): number {
  return Math.ceil(width / 16) * 16;
}

/** Where the model lies. */
export interface LoadedModel {
  readonly shape: ModelShape;
  /** Address of the Model of structs.ts. */
  readonly address: number;
}

/** How a tensor is stored: as a matrix in groups of 32 columns (rows K, columns N of the linear map), a vector of `length`, or taps. */
type Storage =
  | { readonly as: 'matrix' | 'transposed'; readonly k: number; readonly n: number }
  | { readonly as: 'vector'; readonly n: number; readonly length: number }
  | { readonly as: 'taps' };

function storageOf(spec: TensorSpec, shape: ModelShape): Storage {
  const [rows, columns] = spec.dims;
  switch (spec.kind) {
    case 'embed':
      return { as: 'transposed', k: shape.width, n: shape.vocab };
    case 'keys':
      return { as: 'transposed', k: shape.width, n: SLOTS };
    case 'taps':
      return { as: 'taps' };
    default:
      return columns === undefined
        ? { as: 'vector', n: rows, length: padded(rows) }
        : { as: 'matrix', k: rows, n: columns };
  }
}

/**
 * Copies the weights into the pool's memory. Throws RangeError where they are not those of the shape, KernelError OUT_OF_MEMORY.
 */
export function loadModel(pool: ThreadPool, { shape, data }: Bf16Weights): LoadedModel {
  const specs = tensorSpecs(shape);
  const last = specs.at(-1)!;
  if (data.length !== last.offset + last.size) {
    throw new RangeError(
      `${data.length} weights do not fill the ${last.offset + last.size} parameters of the shape: pass those of this very shape`,
    );
  }
  const zeros = pool.allocate(ZERO_BYTES);
  const destinations = specs.map((spec) => pool.allocate(storedBytes(spec, shape)));
  const layers = pool.allocate(4 * LAYER_FIELDS * shape.layers);
  const address = pool.allocate(64);
  pool.u8().fill(0, zeros, zeros + ZERO_BYTES);
  const loader = new TensorLoader(pool, shape, data);
  for (const [i, spec] of specs.entries()) loader.load(spec, destinations[i]!);
  loader.finish();
  pool.u32(layers, LAYER_FIELDS * shape.layers).set(destinations.slice(1, -1));
  writeModel(pool, address, shape, { embed: destinations[0]!, norm: destinations.at(-1)!, zeros, layers });
  return { shape, address };
}

/** Fields of the Model of structs.ts, in its order. */
function writeModel(
  pool: ThreadPool,
  address: number,
  shape: ModelShape,
  at: { readonly embed: number; readonly norm: number; readonly zeros: number; readonly layers: number },
): void {
  const { vocab, width, layers, baseWidth } = shape;
  const hidden = hiddenWidth(width);
  pool.u32(address, 6).set([vocab, width, padded(width), hidden, padded(hidden), layers]);
  pool.f32(address + 24, 2).set([1 / baseWidth, 1 / Math.sqrt(baseWidth)]);
  pool.u32(address + 32, 4).set([at.embed, at.norm, at.zeros, at.layers]);
}

function storedBytes(spec: TensorSpec, shape: ModelShape): number {
  const storage = storageOf(spec, shape);
  if (storage.as === 'vector') return 4 * storage.length;
  if (storage.as === 'taps') return 4 * STORED_TAPS * padded(shape.width);
  return GROUP_ROW_BYTES * storage.k * Math.ceil(storage.n / 32);
}

/** Packs tensors, a slice of rows at a time, with the ops of assembly/exact/pack.ts: the plain code, because the second opinion reads what it writes. */
class TensorLoader {
  readonly #pool: ThreadPool;
  readonly #shape: ModelShape;
  readonly #data: Uint16Array;
  readonly #mark: number;
  readonly #args: number;
  readonly #staging: number;
  #staged = 0;

  constructor(pool: ThreadPool, shape: ModelShape, data: Uint16Array) {
    this.#pool = pool;
    this.#shape = shape;
    this.#data = data;
    this.#mark = pool.mark();
    this.#args = pool.allocate(64);
    this.#staging = pool.allocate(Math.min(STAGING_BYTES, 2 * Math.max(...tensorSpecs(shape).map(({ size }) => size))));
  }

  load(spec: TensorSpec, to: number): void {
    const storage = storageOf(spec, this.#shape);
    switch (storage.as) {
      case 'vector':
        this.#stage(spec.offset, spec.size);
        this.#run('packVector', this.#staging, to, storage.n, storage.length);
        break;
      case 'taps':
        this.#stage(spec.offset, spec.size);
        this.#run('packTaps', this.#staging, to, this.#shape.width, padded(this.#shape.width));
        break;
      default:
        this.#loadPanels(spec, storage, to);
    }
  }

  #loadPanels(spec: TensorSpec, storage: Storage & { readonly as: 'matrix' | 'transposed' }, to: number): void {
    const { k, n } = storage;
    const [rows, columns] = spec.dims as readonly [number, number];
    const lastGroup = to + GROUP_ROW_BYTES * k * Math.floor(n / 32);
    this.#pool.u8().fill(0, lastGroup, to + GROUP_ROW_BYTES * k * Math.ceil(n / 32));
    // Whole groups where rows become columns.
    const atOnce = Math.floor(STAGING_BYTES / 2 / columns / 32) * 32;
    for (let row = 0; row < rows; row += atOnce) {
      const count = Math.min(atOnce, rows - row);
      this.#stage(spec.offset + row * columns, count * columns);
      if (storage.as === 'matrix') this.#run('packMatrix', this.#staging, to, k, n, row, count);
      else this.#run('packTransposed', this.#staging, to, k, row, count);
    }
  }

  #stage(offset: number, size: number): void {
    this.#staged = size;
    this.#pool.u16(this.#staging, size).set(this.#data.subarray(offset, offset + size));
  }

  #run(op: string, ...args: number[]): void {
    this.#pool.u32(this.#args, args.length).set(args);
    if (this.#staged < SHARED_FROM) this.#pool.runAlone(op, this.#args, 'plain');
    else this.#pool.run(op, this.#args, 'plain');
  }

  /** Frees the buffer: what is allocated next may use it. */
  finish(): void {
    this.#pool.release(this.#mark);
  }
}
