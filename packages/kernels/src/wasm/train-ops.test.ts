import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KERNELS } from '@resonancenet/model/shape';
import {
  convolutionBackward,
  convolutionForward,
  gatedBackward,
  gatedForward,
  rmsnormBackward,
  rmsnormForward,
  scanBackward,
  scanForward,
} from '../reference/f64-ops.ts';
import { OpBench, onEveryThreadCount, type Placed, randomValues, relativeError } from '../testing/op-bench.ts';

const TOLERANCE = 1e-5;

/** [windows, window, width]: one element, short and long windows around the longest kernel, widths off every unit. */
const SIZES: readonly (readonly [number, number, number])[] = [
  [1, 1, 2],
  [3, 5, 6],
  [2, 63, 10],
  [1, 64, 34],
  [2, 130, 16],
  [5, 33, 50],
];

function assertClose(ours: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const error = relativeError(ours, expected);
  assert.ok(error < TOLERANCE, `${what}: relative error ${error}`);
}

/** Rows of several matrices side by side, each padded to its stride. */
function placeSideBySide(bench: OpBench, rows: number, columns: number, parts: readonly Float64Array[]): Placed {
  const stride = Math.ceil(columns / 8) * 8;
  const values = new Float64Array(rows * stride * parts.length);
  parts.forEach((part, index) => {
    for (let row = 0; row < rows; row++) {
      values.set(part.subarray(row * columns, (row + 1) * columns), (row * parts.length + index) * stride);
    }
  });
  return bench.place(rows, stride * parts.length, values);
}

/** One of the matrices of placeSideBySide. */
function partOf(values: Float64Array, rows: number, columns: number, parts: number, index: number): Float64Array {
  const stride = Math.ceil(columns / 8) * 8;
  const out = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = (row * parts + index) * stride;
    out.set(values.subarray(start, start + columns), row * columns);
  }
  return out;
}

describe('training kernels against the binary64 reference', () => {
  it('RMSNorm and its gradient', async () => {
    await onEveryThreadCount(async (bench) => {
      const results: Float64Array[] = [];
      for (const [windows, window, d] of SIZES) {
        const rows = windows * window;
        const baseWidth = d - (d % 4);
        const [x, gain, du, dx] = [
          randomValues(rows * d, 1, 3),
          randomValues(d, 2),
          randomValues(rows * d, 3),
          randomValues(rows * d, 4),
        ];
        const [u, r, dgain] = [new Float64Array(rows * d), new Float64Array(rows), new Float64Array(d)];
        const base = Math.max(2, baseWidth);
        rmsnormForward(u, r, x, gain, base);
        const [px, pgain, pdu, pdx] = [
          bench.place(rows, d, x),
          bench.place(1, d, gain),
          bench.place(rows, d, du),
          bench.place(rows, d, dx),
        ];
        const [pu, pr, pdgain] = [bench.place(rows, d), bench.place(1, rows), bench.place(1, d)];
        const inverse = { f32: 1 / base };
        await bench.run('normForward', px.address, pgain.address, pu.address, pr.address, rows, px.stride, inverse);
        rmsnormBackward(dx, dgain, du, r, x, gain, base);
        const partials = bench.scratch(4 * px.stride * Math.ceil(rows / 32));
        await bench.run(
          'normBackward',
          ...[
            px.address,
            pgain.address,
            pr.address,
            pdu.address,
            pdx.address,
            pdgain.address,
            partials,
            rows,
            px.stride,
            inverse,
          ],
        );
        results.push(bench.read(pu), bench.read(pr), bench.read(pdx), bench.read(pdgain));
        [u, r, dx, dgain].forEach((expected, i) => {
          assertClose(results.at(i - 4)!, expected, `${['u', 'r', 'dx', 'dgain'][i]} of ${rows} x ${d}`);
        });
      }
      return results;
    });
  });

  it('convolution with SiLU per branch, its residual and its gradients', async () => {
    await onEveryThreadCount(async (bench) => {
      const results: Float64Array[] = [];
      for (const [windows, window, d] of SIZES) {
        const rows = windows * window;
        const [x, gain, taps, dy] = [
          randomValues(rows * d, 5),
          randomValues(d, 6),
          randomValues(119 * d, 7),
          randomValues(rows * d, 8),
        ];
        const [u, r] = [new Float64Array(rows * d), new Float64Array(rows)];
        rmsnormForward(u, r, x, gain, d);
        const [y, a] = [new Float64Array(rows * d), new Float64Array(KERNELS.length * rows * d)];
        convolutionForward(y, a, u, taps, d, window);
        const [du, dtaps] = [new Float64Array(rows * d), new Float64Array(119 * d)];
        convolutionBackward(du, dtaps, dy, a, u, taps, d, window);
        const [px, pr, pgain, ptaps] = [
          bench.place(rows, d, x),
          bench.place(1, rows, r),
          bench.place(1, d, gain),
          bench.place(119, d, taps),
        ];
        const [py, pdy, pdu, pdtaps] = [
          bench.place(rows, d),
          bench.place(rows, d, dy),
          bench.place(rows, d),
          bench.place(119, d),
        ];
        const steps = Math.ceil(window / 8) * 8;
        const branches = bench.scratch(4 * 5 * windows * steps * px.stride);
        const each = 32 * (4 * steps + 2 * 64 + 119 + 128);
        const scratch = bench.scratch(each * bench.pool.threads);
        const inputs = [px.address, pr.address, pgain.address, ptaps.address];
        await bench.run(
          'convolutionForward',
          ...inputs,
          py.address,
          branches,
          windows,
          window,
          px.stride,
          scratch,
          each,
        );
        await bench.run(
          'convolutionBackward',
          ...[...inputs, pdy.address, branches, pdu.address, pdtaps.address, windows, window, px.stride, scratch, each],
        );
        results.push(bench.read(py), bench.read(pdu), bench.read(pdtaps));
        const size = `${windows} x ${window} x ${d}`;
        assertClose(
          results.at(-3)!,
          y.map((value, i) => value + x[i]!),
          `y of ${size}`,
        );
        assertClose(results.at(-2)!, du, `du of ${size}`);
        assertClose(results.at(-1)!, dtaps, `dtaps of ${size}`);
      }
      return results;
    });
  });

  it('gates and scan, and their gradients', async () => {
    await onEveryThreadCount(async (bench) => {
      const results: Float64Array[] = [];
      for (const [windows, window, d] of SIZES) {
        const rows = windows * window;
        const empty = (): Float64Array => new Float64Array(rows * d);
        const [az, ah] = [randomValues(rows * d, 9, 4), randomValues(rows * d, 10, 3)];
        const dStates = randomValues(rows * d, 12);
        const saved = { z: empty(), c: empty(), h: empty() };
        const [daz, dah] = [empty(), empty()];
        scanForward(saved, az, ah, d, window);
        scanBackward(daz, dah, dStates.slice(), saved, ah, d, window);
        const gates = placeSideBySide(bench, rows, d, [az, ah]);
        const [h, dh] = [bench.place(rows, d), bench.place(rows, d, dStates)];
        await bench.run('scanForward', gates.address, h.address, windows, window, h.stride);
        const forward = bench.read(h, false);
        await bench.run('scanBackward', gates.address, h.address, dh.address, windows, window, h.stride);
        const gradients = bench.read(gates);
        results.push(forward, partOf(gradients, rows, d, 2, 0), partOf(gradients, rows, d, 2, 1));
        [saved.h, daz, dah].forEach((expected, i) => {
          assertClose(results.at(i - 3)!, expected, `${['h', 'daz', 'dah'][i]} of ${windows} x ${window} x ${d}`);
        });
      }
      return results;
    });
  });

  it('SwiGLU and its gradients', async () => {
    await onEveryThreadCount(async (bench) => {
      const results: Float64Array[] = [];
      for (const [windows, window, d] of SIZES) {
        const rows = windows * window;
        const [gate, up, dhidden] = [
          randomValues(rows * d, 13, 5),
          randomValues(rows * d, 14),
          randomValues(rows * d, 15),
        ];
        const [hidden, dgate, dup] = [
          new Float64Array(rows * d),
          new Float64Array(rows * d),
          new Float64Array(rows * d),
        ];
        gatedForward(hidden, gate, up);
        gatedBackward(dgate, dup, dhidden, gate, up);
        const gates = placeSideBySide(bench, rows, d, [gate, up]);
        const [forward, backward] = [bench.place(rows, d), bench.place(rows, d, dhidden)];
        await bench.run('swigluForward', gates.address, forward.address, rows, forward.stride);
        await bench.run('swigluBackward', gates.address, backward.address, rows, forward.stride);
        const gradients = bench.read(gates);
        results.push(
          bench.read(forward),
          bench.read(backward),
          partOf(gradients, rows, d, 2, 0),
          partOf(gradients, rows, d, 2, 1),
        );
        [hidden, hidden, dgate, dup].forEach((expected, i) => {
          assertClose(
            results.at(i - 4)!,
            expected,
            `${['hidden', 'hidden again', 'dgate', 'dup'][i]} of ${rows} x ${d}`,
          );
        });
      }
      return results;
    });
  });

  it('softmax over the slots and its gradient', async () => {
    await onEveryThreadCount(async (bench) => {
      const results: Float64Array[] = [];
      for (const rows of [1, 31, 100]) {
        const scale = 0.25;
        const [scores, dp] = [randomValues(rows * 64, 16, 30), randomValues(rows * 64, 17)];
        const [p, dscores] = [new Float64Array(rows * 64), new Float64Array(rows * 64)];
        for (let row = 0; row < rows; row++) {
          const at = row * 64;
          const exponentials = scores.subarray(at, at + 64).map((s) => Math.exp(s * scale));
          const sum = exponentials.reduce((total, e) => total + e, 0);
          p.set(
            exponentials.map((e) => e / sum),
            at,
          );
          const mean = exponentials.reduce((total, _, s) => total + p[at + s]! * dp[at + s]!, 0);
          for (let s = 0; s < 64; s++) dscores[at + s] = p[at + s]! * (dp[at + s]! - mean) * scale;
        }
        const [pp, pdp] = [bench.place(rows, 64, scores), bench.place(rows, 64, dp)];
        await bench.run('slotsForward', pp.address, rows, { f32: scale });
        await bench.run('slotsBackward', pp.address, pdp.address, rows, { f32: scale });
        results.push(bench.read(pp), bench.read(pdp));
        assertClose(results.at(-2)!, p, `p of ${rows}`);
        assertClose(results.at(-1)!, dscores, `dscores of ${rows}`);
      }
      return results;
    });
  });

  it('cross-entropy in place, also with logits far apart', async () => {
    await onEveryThreadCount(async (bench) => {
      const results: Float64Array[] = [];
      for (const [rows, vocab, spread] of [
        [1, 2, 1],
        [3, 17, 4],
        [5, 63, 60],
        [40, 257, 8],
        [2, 5003, 20],
      ] as const) {
        const logits = randomValues(rows * vocab, 18, spread);
        const targets = Uint16Array.from({ length: rows }, (_, i) => (i * 7919) % vocab);
        const expected = new Float64Array(rows * vocab);
        const losses = new Float64Array(rows);
        for (let row = 0; row < rows; row++) {
          const own = logits.subarray(row * vocab, (row + 1) * vocab);
          const top = Math.max(...own);
          const sum = own.reduce((total, l) => total + Math.exp(l - top), 0);
          losses[row] = Math.log(sum) + top - own[targets[row]!]!;
          for (let v = 0; v < vocab; v++) {
            expected[row * vocab + v] = (Math.exp(own[v]! - top) / sum - (v === targets[row] ? 1 : 0)) / rows;
          }
        }
        const placed = bench.place(rows, vocab, logits);
        const [ids, parts] = [bench.scratch(2 * rows), bench.scratch(16 * rows)];
        bench.pool.u16(ids, rows).set(targets);
        await bench.run('crossEntropy', placed.address, placed.ld, rows, vocab, ids, parts, { f32: 1 / rows }, 1);
        const results2 = bench.pool.f64(parts, 2 * rows);
        const ours = losses.map((_, row) => results2[2 * row]! + Math.log(results2[2 * row + 1]!));
        results.push(bench.read(placed), ours);
        assertClose(results.at(-2)!, expected, `gradient of ${rows} x ${vocab}`);
        assert.ok(
          ours.every((loss, row) => Math.abs(loss - losses[row]!) < 1e-5 * Math.max(1, losses[row]!)),
          `loss of ${rows} x ${vocab}`,
        );
      }
      return results;
    });
  });

  it('embedding rows are gathered, and gradients of repeated ids add up', async () => {
    await onEveryThreadCount(async (bench) => {
      const [vocab, d, rows] = [7, 18, 50];
      const [table, dtable, dx] = [
        randomValues(vocab * d, 19),
        randomValues(vocab * d, 20),
        randomValues(rows * d, 21),
      ];
      const ids = Uint16Array.from({ length: rows }, (_, i) => (i * i) % vocab);
      const [ptable, pdtable, pdx, px] = [
        bench.place(vocab, d, table),
        bench.place(vocab, d, dtable),
        bench.place(rows, d, dx),
        bench.place(rows, d),
      ];
      const pids = bench.scratch(2 * rows);
      bench.pool.u16(pids, rows).set(ids);
      await bench.run('embedForward', ptable.address, pids, px.address, rows, px.stride);
      await bench.run('embedBackward', pdtable.address, pids, pdx.address, rows, px.stride);
      ids.forEach((id, row) => {
        for (let i = 0; i < d; i++) dtable[id * d + i] = dtable[id * d + i]! + dx[row * d + i]!;
      });
      const results = [bench.read(px), bench.read(pdtable)];
      assert.deepEqual(
        results[0],
        Float64Array.from({ length: rows * d }, (_, i) => table[ids[Math.floor(i / d)]! * d + (i % d)]!),
      );
      assertClose(results[1]!, dtable, 'dtable');
      return results;
    });
  });

  it('NaN passes through every op that could hide it', async () => {
    const bench = await OpBench.open(1);
    const values = randomValues(64, 22);
    values[5] = Number.NaN;
    const gates = placeSideBySide(bench, 1, 64, [values, randomValues(64, 23)]);
    const [h, scores] = [bench.place(1, 64), bench.place(1, 64, values)];
    await bench.run('scanForward', gates.address, h.address, 1, 1, 64);
    assert.ok(Number.isNaN(bench.read(h)[5]!));
    await bench.run('slotsForward', scores.address, 1, { f32: 1 });
    assert.ok(bench.read(scores).every(Number.isNaN));
    const [logits, ids, parts] = [bench.place(1, 64, values), bench.scratch(4), bench.scratch(16)];
    bench.pool.u16(ids, 1)[0] = 3;
    await bench.run('crossEntropy', logits.address, logits.ld, 1, 64, ids, parts, { f32: 1 }, 1);
    assert.ok(Number.isNaN(bench.pool.f64(parts, 2)[1]!));
    assert.ok(bench.read(logits).every(Number.isNaN));
    await bench.close();
  });
});
