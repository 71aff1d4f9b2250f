// The ops of one forward and one backward pass (spec/model.md MOD-5), as addresses in the memory of a session.
//
// A pass is built for one number of windows and one window length; the layout was made for the largest. Names as in train-layout.ts.

import { hiddenWidth, type ModelShape, SLOTS, TAPS } from '@resonancenet/model/shape';
import { OpList } from './op-list.ts';
import {
  FLOAT_BYTES,
  type LayerOffsets,
  type ParameterLayout,
  roundUp,
  type SavedOffsets,
  TRANSPOSED_TILES,
  type WorkLayout,
} from './train-layout.ts';
import { Products } from './train-products.ts';

/** Where a session keeps its three arrays. */
export interface TrainMemory {
  readonly shape: ModelShape;
  readonly parameters: ParameterLayout;
  readonly work: WorkLayout;
  /** Addresses of the parameters, of their gradient and of the work space. */
  readonly param: number;
  readonly gradient: number;
  readonly base: number;
  readonly threads: number;
}

const SLOT_BYTES = SLOTS * FLOAT_BYTES;
/** The convolution normalises its input itself: only the inverse norms are wanted. */
const NO_OUTPUT = 0;

/** Builds the ops of a pass over `windows` x `window` ids. */
export class TrainProgram {
  readonly forward: OpList = new OpList();
  /** The loss without and with its gradient; the latter begins the backward pass. */
  readonly loss: OpList = new OpList();
  readonly backward: OpList = new OpList();
  readonly #memory: TrainMemory;
  readonly #windows: number;
  readonly #window: number;
  readonly #rows: number;
  /** Bytes of a row of ds and of hs floats. */
  readonly #row: number;
  readonly #hiddenRow: number;

  constructor(memory: TrainMemory, windows: number, window: number) {
    this.#memory = memory;
    this.#windows = windows;
    this.#window = window;
    this.#rows = windows * window;
    this.#row = roundUp(memory.shape.width, 8) * FLOAT_BYTES;
    this.#hiddenRow = roundUp(hiddenWidth(memory.shape.width), 8) * FLOAT_BYTES;
    this.#buildForward();
    this.#buildLoss(this.loss, false);
    this.#buildLoss(this.backward, true);
    this.#buildBackward();
  }

  #products(ops: OpList): Products {
    const { threads, base, work } = this.#memory;
    return new Products(ops, { threads, packA: base + work.packA, packB: base + work.packB });
  }

  #norm(ops: OpList, x: number, gain: number, u: number, r: number): void {
    const stride = this.#row / FLOAT_BYTES;
    ops.add('norm', 'normForward', 4 * this.#rows * stride, x, gain, u, r, this.#rows, stride, {
      f32: 1 / this.#memory.shape.baseWidth,
    });
  }

  #buildForward(): void {
    const { parameters, work, param, base, shape } = this.#memory;
    const ops = this.forward;
    const stride = this.#row / FLOAT_BYTES;
    const input = (layer: number): number => base + (work.layers[layer]?.x[0] ?? work.x);
    ops.add(
      'embed',
      'embedForward',
      this.#rows * stride,
      param + parameters.embed,
      base + work.inputs,
      input(0),
      this.#rows,
      stride,
    );
    for (let l = 0; l < shape.layers; l++) {
      const layer = parameters.layers[l]!;
      const saved = work.layers[l]!;
      this.#convolutionForward(ops, layer, saved);
      this.#recurrenceForward(ops, layer, saved);
      this.#slotsForward(ops, layer, saved);
      this.#swigluForward(ops, layer, saved, input(l + 1));
    }
    this.#norm(ops, base + work.x, param + parameters.norm, base + work.final, base + work.r);
  }

  #convolutionForward(ops: OpList, layer: LayerOffsets, saved: SavedOffsets): void {
    const { param, base, work } = this.#memory;
    const [x, y] = [base + saved.x[0], base + saved.x[1]];
    const gain = param + layer.convNorm;
    this.#norm(ops, x, gain, NO_OUTPUT, base + saved.r[0]);
    ops.add(
      'convolution',
      'convolutionForward',
      (2 * TAPS + 100) * this.#rows * (this.#row / FLOAT_BYTES),
      ...[x, base + saved.r[0], gain, param + layer.taps, y, base + saved.branches, this.#windows, this.#window],
      ...[this.#row / FLOAT_BYTES, base + work.threadScratch, work.threadScratchBytes],
    );
  }

  #recurrenceForward(ops: OpList, layer: LayerOffsets, saved: SavedOffsets): void {
    const { param, base, work, shape } = this.#memory;
    const [rows, ld] = [this.#rows, this.#row];
    const products = this.#products(ops);
    const gates = base + saved.gates;
    const [u, h] = [base + work.u, base + saved.h];
    this.#norm(ops, base + saved.x[1], param + layer.gruNorm, u, base + saved.r[1]);
    products.rows('gates', { address: u, ld }, { address: param + layer.wzh, ld: 2 * ld }, shape.width, {
      ...{ address: gates, ld: 2 * ld, rows, columns: (2 * ld) / FLOAT_BYTES, bias: param + layer.bzh },
    });
    const stride = ld / FLOAT_BYTES;
    ops.add('scan', 'scanForward', 40 * rows * stride, gates, h, this.#windows, this.#window, stride);
    products.rows('wo', { address: h, ld }, { address: param + layer.wo, ld }, shape.width, {
      ...{ address: base + saved.x[2], ld, rows, columns: ld / FLOAT_BYTES },
      ...{ addend: base + saved.x[1], bias: param + layer.bo },
    });
  }

  #slotsForward(ops: OpList, layer: LayerOffsets, saved: SavedOffsets): void {
    const { param, base, work, shape } = this.#memory;
    const [rows, ld, d] = [this.#rows, this.#row, shape.width];
    const products = this.#products(ops);
    const [u, p, scorer] = [base + work.u, base + saved.p, base + saved.scorer];
    const keys = { address: param + layer.keys, ld, transposedRows: SLOTS };
    products.rows('scorer', { address: param + layer.wq, ld }, keys, ld / FLOAT_BYTES, {
      ...{ address: scorer, ld: SLOT_BYTES, rows: d + 1, columns: SLOTS },
    });
    this.#norm(ops, base + saved.x[2], param + layer.slotNorm, u, base + saved.r[2]);
    products.rows('scores', { address: u, ld }, { address: scorer, ld: SLOT_BYTES }, d, {
      ...{ address: p, ld: SLOT_BYTES, rows, columns: SLOTS, bias: scorer + d * SLOT_BYTES },
    });
    ops.add('slots', 'slotsForward', 25 * rows * SLOTS, p, rows, { f32: 1 / Math.sqrt(shape.baseWidth) });
    // What each slot writes, once per step instead of a projection of every row.
    const written = { address: base + saved.written, ld };
    const values = { address: param + layer.values, ld };
    products.rows('written', values, { address: param + layer.slotWo, ld }, d, {
      ...{ ...written, rows: SLOTS, columns: ld / FLOAT_BYTES },
    });
    products.rows('read', { address: p, ld: SLOT_BYTES }, written, SLOTS, {
      ...{ address: base + saved.x[3], ld, rows, columns: ld / FLOAT_BYTES },
      ...{ addend: base + saved.x[2], bias: param + layer.slotBo },
    });
  }

  #swigluForward(ops: OpList, layer: LayerOffsets, saved: SavedOffsets, output: number): void {
    const { param, base, work, shape } = this.#memory;
    const [rows, ld, hiddenLd] = [this.#rows, this.#row, this.#hiddenRow];
    const products = this.#products(ops);
    const [u, gu, hidden] = [base + work.u, base + saved.gu, base + work.hidden];
    this.#norm(ops, base + saved.x[3], param + layer.ffnNorm, u, base + saved.r[3]);
    products.rows('wgu', { address: u, ld }, { address: param + layer.wgu, ld: 2 * hiddenLd }, shape.width, {
      ...{ address: gu, ld: 2 * hiddenLd, rows, columns: (2 * hiddenLd) / FLOAT_BYTES, bias: param + layer.bgu },
    });
    ops.add('swiglu', 'swigluForward', 25 * rows * (hiddenLd / FLOAT_BYTES), gu, hidden, rows, hiddenLd / FLOAT_BYTES);
    const wdown = { address: param + layer.wdown, ld };
    products.rows('wdown', { address: hidden, ld: hiddenLd }, wdown, hiddenWidth(shape.width), {
      ...{ address: output, ld, rows, columns: ld / FLOAT_BYTES },
      ...{ addend: base + saved.x[3], bias: param + layer.bdown },
    });
  }

  /**
   * Loss of all rows, chunk by chunk. With the gradient, a chunk of logits becomes its own gradient, which gives the chunk's part of `u` (the gradient of the
   * final norm's output) and is added to the embedding's gradient before the next chunk overwrites it.
   */
  #buildLoss(ops: OpList, withGradient: boolean): void {
    const { parameters, work, param, gradient, base, shape } = this.#memory;
    const ld = this.#row;
    const stride = ld / FLOAT_BYTES;
    const vocabColumns = roundUp(shape.vocab, 8);
    const logitsLd = vocabColumns * FLOAT_BYTES;
    const products = this.#products(ops);
    const embed = { address: param + parameters.embed, ld };
    const [transposed, plain] = [base + work.embedTransposed, base + work.embedPlain];
    const [logits, chunkPacked] = [base + work.logits, base + work.chunkPacked];
    products.packTransposed('logits', embed, shape.vocab, stride, transposed);
    if (withGradient) products.packPlain('logits back', embed, shape.vocab, stride, plain, 0);
    for (let first = 0; first < this.#rows; first += work.chunkRows) {
      const rows = Math.min(work.chunkRows, this.#rows - first);
      const x = { address: base + work.final + first * ld, ld };
      const target = { address: logits, ld: logitsLd, rows, columns: vocabColumns };
      products.rowsPacked('logits', x, transposed, stride, target);
      ops.add(
        'cross-entropy',
        'crossEntropy',
        25 * rows * vocabColumns,
        ...[logits, logitsLd, rows, shape.vocab, base + work.targets + 2 * first, base + work.losses + 16 * first],
        ...[{ f32: 1 / this.#rows }, withGradient ? 1 : 0],
      );
      if (!withGradient) continue;
      const du = { address: base + work.u + first * ld, ld, rows, columns: stride };
      products.rowsPacked('logits back', { address: logits, ld: logitsLd }, plain, shape.vocab, du);
      products.packPlain('embed back', x, rows, stride, chunkPacked, 0);
      const table = gradient + parameters.embed;
      ops.add(
        'embed back',
        'gemmTransposedA',
        2 * rows * vocabColumns * stride,
        ...[logits, logitsLd, chunkPacked, table, ld, first === 0 ? 0 : table, shape.vocab, stride, rows],
        ...[TRANSPOSED_TILES, base + work.threadScratch, work.threadScratchBytes],
      );
    }
  }

  /** dx += the gradient that flows through a norm from `u`; writes the gain's gradient. */
  #normBackward(ops: OpList, x: number, gain: number, r: number): void {
    const { param, gradient, base, work, shape } = this.#memory;
    ops.add(
      'norm back',
      'normBackward',
      10 * this.#rows * (this.#row / FLOAT_BYTES),
      ...[base + x, param + gain, base + r, base + work.u, base + work.dx, gradient + gain, base + work.partials],
      ...[this.#rows, this.#row / FLOAT_BYTES, { f32: 1 / shape.baseWidth }],
    );
  }

  #buildBackward(): void {
    const { parameters, work, gradient, base, shape } = this.#memory;
    const ops = this.backward;
    ops.add('clear', 'clear', this.#rows * this.#row, base + work.dx, this.#rows * this.#row);
    this.#normBackward(ops, work.x, parameters.norm, work.r);
    for (let l = shape.layers - 1; l >= 0; l--) {
      const layer = parameters.layers[l]!;
      const saved = work.layers[l]!;
      this.#swigluBackward(ops, layer, saved);
      this.#normBackward(ops, saved.x[3], layer.ffnNorm, saved.r[3]);
      this.#slotsBackward(ops, layer, saved);
      this.#normBackward(ops, saved.x[2], layer.slotNorm, saved.r[2]);
      this.#recurrenceBackward(ops, layer, saved);
      this.#normBackward(ops, saved.x[1], layer.gruNorm, saved.r[1]);
      this.#convolutionBackward(ops, layer, saved);
      this.#normBackward(ops, saved.x[0], layer.convNorm, saved.r[0]);
    }
    const stride = this.#row / FLOAT_BYTES;
    const table = gradient + parameters.embed;
    ops.add(
      'embed scatter',
      'embedBackward',
      this.#rows * stride,
      table,
      base + work.inputs,
      base + work.dx,
      this.#rows,
      stride,
    );
  }

  #swigluBackward(ops: OpList, layer: LayerOffsets, saved: SavedOffsets): void {
    const { param, gradient, base, work, shape } = this.#memory;
    const [rows, ld, hiddenLd, d] = [this.#rows, this.#row, this.#hiddenRow, shape.width];
    const h = hiddenWidth(d);
    const products = this.#products(ops);
    const dx = { address: base + work.dx, ld };
    const hidden = { address: base + work.hidden, ld: hiddenLd };
    const gu = { address: base + saved.gu, ld: 2 * hiddenLd };
    const stride = ld / FLOAT_BYTES;
    products.rows('wdown back', dx, { address: param + layer.wdown, ld, transposedRows: h }, stride, {
      ...{ ...hidden, rows, columns: hiddenLd / FLOAT_BYTES },
    });
    ops.add(
      'swiglu back',
      'swigluBackward',
      30 * rows * (hiddenLd / FLOAT_BYTES),
      gu.address,
      hidden.address,
      rows,
      hiddenLd / FLOAT_BYTES,
    );
    const dwdown = { address: gradient + layer.wdown, ld, rows: h, columns: stride };
    products.transposed('wdown gradient', hidden, dx, rows, dwdown, gradient + layer.bdown);
    const scale = { rows: base + saved.r[3], columns: param + layer.ffnNorm };
    const dwgu = { address: gradient + layer.wgu, ld: 2 * hiddenLd, rows: d, columns: (2 * hiddenLd) / FLOAT_BYTES };
    products.transposed(
      'wgu gradient',
      { address: base + saved.x[3], ld, scale },
      gu,
      rows,
      dwgu,
      gradient + layer.bgu,
    );
    const wgu = { address: param + layer.wgu, ld: 2 * hiddenLd, transposedRows: d };
    products.rows('wgu back', gu, wgu, (2 * hiddenLd) / FLOAT_BYTES, {
      ...{ address: base + work.u, ld, rows, columns: stride },
    });
  }

  #slotsBackward(ops: OpList, layer: LayerOffsets, saved: SavedOffsets): void {
    const { param, gradient, base, work, shape } = this.#memory;
    const [rows, ld, d] = [this.#rows, this.#row, shape.width];
    const products = this.#products(ops);
    const stride = ld / FLOAT_BYTES;
    const dx = { address: base + work.dx, ld };
    const p = { address: base + saved.p, ld: SLOT_BYTES };
    const dp = { address: base + work.dp, ld: SLOT_BYTES };
    const dscorer = { address: base + work.dscorer, ld: SLOT_BYTES };
    products.rows('read back', dx, { address: base + saved.written, ld, transposedRows: SLOTS }, stride, {
      ...{ ...dp, rows, columns: SLOTS },
    });
    ops.add('slots back', 'slotsBackward', 5 * rows * SLOTS, p.address, dp.address, rows, {
      f32: 1 / Math.sqrt(shape.baseWidth),
    });
    const dwritten = { address: base + work.dwritten, ld };
    const target = { ...dwritten, rows: SLOTS, columns: stride };
    products.transposed('written gradient', p, dx, rows, target, gradient + layer.slotBo);
    const dvalues = { address: gradient + layer.values, ld, rows: SLOTS, columns: stride };
    const slotWo = { address: param + layer.slotWo, ld, transposedRows: d };
    products.rows('values gradient', dwritten, slotWo, stride, dvalues);
    const dslotWo = { address: gradient + layer.slotWo, ld, rows: d, columns: stride };
    products.transposed('slot wo gradient', { address: param + layer.values, ld }, dwritten, SLOTS, dslotWo);
    const scale = { rows: base + saved.r[2], columns: param + layer.slotNorm };
    const x = { address: base + saved.x[2], ld, scale };
    // The column sums of dp are the gradient of the scorer's last row, keys times bq.
    const lastRow = dscorer.address + d * SLOT_BYTES;
    products.transposed('scorer gradient', x, dp, rows, { ...dscorer, rows: d, columns: SLOTS }, lastRow);
    const scorer = { address: base + saved.scorer, ld: SLOT_BYTES, transposedRows: d };
    products.rows('scores back', dp, scorer, SLOTS, { address: base + work.u, ld, rows, columns: stride });
    products.rows('wq gradient', dscorer, { address: param + layer.keys, ld }, SLOTS, {
      ...{ address: gradient + layer.wq, ld, rows: d + 1, columns: stride },
    });
    const dkeys = { address: gradient + layer.keys, ld, rows: SLOTS, columns: stride };
    products.transposed('keys gradient', dscorer, { address: param + layer.wq, ld }, d + 1, dkeys);
  }

  #recurrenceBackward(ops: OpList, layer: LayerOffsets, saved: SavedOffsets): void {
    const { param, gradient, base, work, shape } = this.#memory;
    const [rows, ld, d] = [this.#rows, this.#row, shape.width];
    const products = this.#products(ops);
    const stride = ld / FLOAT_BYTES;
    const dx = { address: base + work.dx, ld };
    const h = { address: base + saved.h, ld };
    const dh = { address: base + work.dh, ld };
    const gates = { address: base + saved.gates, ld: 2 * ld };
    products.rows('wo back', dx, { address: param + layer.wo, ld, transposedRows: d }, stride, {
      ...{ ...dh, rows, columns: stride },
    });
    ops.add(
      'scan back',
      'scanBackward',
      30 * rows * stride,
      gates.address,
      h.address,
      dh.address,
      this.#windows,
      this.#window,
      stride,
    );
    const dwo = { address: gradient + layer.wo, ld, rows: d, columns: stride };
    products.transposed('wo gradient', h, dx, rows, dwo, gradient + layer.bo);
    const scale = { rows: base + saved.r[1], columns: param + layer.gruNorm };
    const dwzh = { address: gradient + layer.wzh, ld: 2 * ld, rows: d, columns: 2 * stride };
    products.transposed(
      'gates gradient',
      { address: base + saved.x[1], ld, scale },
      gates,
      rows,
      dwzh,
      gradient + layer.bzh,
    );
    const wzh = { address: param + layer.wzh, ld: 2 * ld, transposedRows: d };
    products.rows('gates back', gates, wzh, 2 * stride, { address: base + work.u, ld, rows, columns: stride });
  }

  #convolutionBackward(ops: OpList, layer: LayerOffsets, saved: SavedOffsets): void {
    const { param, gradient, base, work } = this.#memory;
    ops.add(
      'convolution back',
      'convolutionBackward',
      (4 * TAPS + 100) * this.#rows * (this.#row / FLOAT_BYTES),
      ...[base + saved.x[0], base + saved.r[0], param + layer.convNorm, param + layer.taps, base + work.dx],
      ...[base + saved.branches, base + work.u, gradient + layer.taps, this.#windows, this.#window],
      ...[this.#row / FLOAT_BYTES, base + work.threadScratch, work.threadScratchBytes],
    );
  }
}
