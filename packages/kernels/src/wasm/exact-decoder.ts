// Token-by-token inference on a thread pool (assembly/exact/decode.ts).

import { hiddenWidth, SLOTS } from '@resonancenet/model/shape';
import type { Bf16Weights, Decoder } from '../backend.ts';
import { KernelError } from '../kernel-error.ts';
import { type LoadedModel, loadModel, padded } from './exact-model.ts';
import { ThreadChoice } from './thread-choice.ts';
import type { ThreadPool } from './thread-pool.ts';

/** Rows of the past that the longest kernel reads, its last tap of zero included. */
const PAST_ROWS = 64;
/** The history moves back to the front of its buffer once in HISTORY_ROWS - PAST_ROWS steps. */
const HISTORY_ROWS = PAST_ROWS + 192;
/** Fields of Decoding in assembly/exact/structs.ts, and the places of those that change. */
const FIELDS = 15;
const ID_FIELD = 1;
const HISTORY_ROW_FIELD = 5;
const NON_FINITE_FIELD = 12;

export class WasmDecoder implements Decoder {
  readonly #pool: ThreadPool;
  readonly #model: LoadedModel;
  readonly #release: () => Promise<void>;
  readonly #step: number;
  readonly #choice: ThreadChoice = new ThreadChoice();
  #fields: Uint32Array;
  #state: Float32Array;
  #history: Float32Array;
  #logits: Float32Array;
  /** What `step` returns: its own memory, which nobody else can share or grow. */
  readonly #out: Float32Array;

  /** `release` gets the pool back when the decoder is closed. */
  constructor(pool: ThreadPool, weights: Bf16Weights, release: () => Promise<void>) {
    this.#pool = pool;
    this.#model = loadModel(pool, weights);
    this.#release = release;
    const { vocab, width, layers } = weights.shape;
    const stride = padded(width);
    const hidden = padded(hiddenWidth(width));
    const state = pool.allocate(4 * layers * stride);
    const history = pool.allocate(4 * layers * stride * HISTORY_ROWS);
    const [x, mixed, query, scores, hiddenUnits, logits] = [stride, stride, stride, SLOTS, hidden, padded(vocab)].map(
      (length) => pool.allocate(4 * length),
    );
    const ownBytes = 4 * (Math.max(stride, SLOTS) + Math.max(3 * stride, 2 * hidden, SLOTS, 80));
    const own = pool.allocate(ownBytes * pool.threads);
    this.#step = pool.allocate(4 * FIELDS);
    // No allocation follows, so these views stay right.
    this.#fields = pool.u32(this.#step, FIELDS);
    this.#fields.set([
      ...[
        this.#model.address,
        0,
        state,
        history,
        HISTORY_ROWS,
        PAST_ROWS,
        x!,
        mixed!,
        query!,
        scores!,
        hiddenUnits!,
        logits!,
      ],
      ...[0, own, ownBytes],
    ]);
    this.#state = pool.f32(state, layers * stride);
    this.#history = pool.f32(history, layers * stride * HISTORY_ROWS);
    this.#logits = pool.f32(logits!, vocab);
    this.#out = new Float32Array(vocab);
    pool.f32(x!, stride).fill(0);
    this.reset();
  }

  reset(): void {
    this.#state.fill(0);
    this.#history.fill(0);
    this.#fields[HISTORY_ROW_FIELD] = PAST_ROWS;
    this.#fields[NON_FINITE_FIELD] = 0;
  }

  /** @throws KernelError NON_FINITE (EVAL-3), and again at every step until `reset`; RangeError for an id beyond the vocabulary. */
  step(id: number): Float32Array {
    const { vocab } = this.#model.shape;
    if (!Number.isInteger(id) || id < 0 || id >= vocab)
      throw new RangeError(`id ${id} is not below the vocabulary ${vocab}`);
    if (this.#logits.length === 0) throw new KernelError('POOL_CLOSED', 'The decoder was closed; open a new one.');
    const fields = this.#fields;
    fields[ID_FIELD] = id;
    this.#runStep();
    const next = fields[HISTORY_ROW_FIELD]! + 1;
    fields[HISTORY_ROW_FIELD] = next === HISTORY_ROWS ? PAST_ROWS : next;
    if (fields[NON_FINITE_FIELD] !== 0) {
      throw new KernelError(
        'NON_FINITE',
        'The model computes a NaN or an infinity on these ids: its weights are invalid, use another checkpoint.',
      );
    }
    this.#out.set(this.#logits);
    return this.#out;
  }

  #runStep(): void {
    if (this.#pool.threads === 1) {
      this.#pool.run('decodeStep', this.#step);
      return;
    }
    const started = performance.now();
    if (this.#choice.alone) this.#pool.runAlone('decodeStep', this.#step);
    else this.#pool.run('decodeStep', this.#step);
    this.#choice.record(performance.now() - started);
  }

  async close(): Promise<void> {
    // Views would keep the memory alive.
    this.#fields = new Uint32Array(FIELDS);
    this.#state = new Float32Array();
    this.#history = new Float32Array();
    this.#logits = new Float32Array();
    await this.#release();
  }
}
