import { selectBackend } from '@resonancenet/kernels/select-backend';
import { loadDevnetCorpus } from '@resonancenet/corpus/devnet-corpus';
import { trainingText } from '@resonancenet/corpus/training-text';
import { memoryCorpus } from '@resonancenet/training/corpus';
import { createLoader } from '@resonancenet/training/window-loader';
import { defaultRecipe } from '@resonancenet/training/recipe';
import { evalWindows } from '@resonancenet/training/eval-windows';
import { initialWeights } from '@resonancenet/training/initial-weights';
import { devnet } from '@resonancenet/params/devnet';
import type { Checkpoint } from '@resonancenet/model/checkpoint';
import { MiningSession, type MiningTarget } from './mining-session.ts';
const batch = Number(process.argv[2]), total = Number(process.argv[3] ?? 20), blockS = 1.6;
const text = loadDevnetCorpus();
const backend = await selectBackend('auto', { threads: 1 });
const windows = evalWindows(Uint16Array.from(text.validation.subarray(0, 64 * 256)), 256, 0);
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1e6; };
const shapeAt = (h: number) => ({ vocab: 256, width: Math.min(128, 64 + 2 * h), layers: 2, baseWidth: 64 });
const m = new MiningSession({ backend, loader: createLoader(memoryCorpus(Uint16Array.from(trainingText(text, 0))), { batch, window: 256, startId: 0, seed: 5 }), recipe: defaultRecipe, batch, window: 256, baseLayers: 2, amplitudes: devnet.initAmplitudes, now: Date.now }, 0);
const cp: Checkpoint = { shape: shapeAt(0), baseLayers: 2, growth: 0, data: initialWeights(shapeAt(0), 1) };
const ev = await backend.evaluator(cp); let sums = (await ev.evaluate(windows)).map((r) => (r.ok ? r.sum : 0)); await ev.close();
const target = (h: number): MiningTarget => ({ id: h, shape: shapeAt(h), growth: 2 * h, growthSeed: new Uint8Array(32).fill(h), windows, parentSums: sums, maxTotal: BigInt(sums.reduce((a, b) => a + b, 0)) - 16384n * 66n });
await m.startFrom(cp, target(1));
const t0 = cpu(); let steps = 0, trainS = 0, lookS = 0, out: string[] = [];
for (let h = 1; h <= total; ) {
  const end = t0 + (out.length ? 0 : 0); void end;
  const start = cpu();
  while (cpu() - start < blockS) { await m.train(); steps++; }
  trainS += cpu() - start;
  let l0 = cpu(); let c = await m.look(); lookS += cpu() - l0;
  while (c.kind !== 'candidate') { const s2 = cpu(); while (cpu() - s2 < 0.7) { await m.train(); steps++; } l0 = cpu(); c = await m.look(); lookS += cpu() - l0; if (cpu() - start > 20) { console.log('stalled'); process.exit(0); } }
  sums = [...c.sums]; out.push((Number(c.total) / 16384 / 65536).toFixed(4));
  h++; await m.goOn(target(h));
  if (h % 4 === 0) console.log(`batch ${batch} block ${h - 1} cpu ${(cpu() - t0).toFixed(1)} s steps ${steps} loss ${out.at(-1)} rate ${m.rate.toFixed(2)} look ${(lookS / (cpu() - t0) * 100).toFixed(0)}%`);
}
process.exit(0);
