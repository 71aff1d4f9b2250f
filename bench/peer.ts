// The peers: PyTorch programs of ours, run by the system's Python, and bcoin if somebody installed it.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = join(dirname(fileURLToPath(import.meta.url)), 'peers');
const python = '/usr/bin/python3';

/** Whether PyTorch is there; if not, the reason to print. */
export async function torchMissing(): Promise<string | null> {
  try {
    await run(python, ['-c', 'import torch, numpy']);
    return null;
  } catch {
    return `${python} has no torch and numpy (Debian: apt install python3-torch)`;
  }
}

/** Output of a peer program. */
export async function runPeer(program: string, args: readonly (string | number)[]): Promise<string> {
  const { stdout } = await run(python, [join(folder, program), ...args.map(String)], {
    maxBuffer: 64 << 20,
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  });
  return stdout;
}

/** Tokens per second of training and of the forward pass, from torch_resonance.py. */
export async function torchResonance(
  args: readonly number[],
): Promise<{ readonly train: number; readonly forward: number }> {
  const output = await runPeer('torch_resonance.py', args);
  const train = /train (\d+) tok\/s/.exec(output)?.[1];
  const forward = /forward (\d+) tok\/s/.exec(output)?.[1];
  if (train === undefined || forward === undefined) throw new Error(`The peer printed no figures:\n${output}`);
  return { train: Number(train), forward: Number(forward) };
}

/** Best of a few large float32 products by NumPy's BLAS, GFLOP/s: the machine's own ceiling. */
export async function blasGflops(threads: number): Promise<number> {
  const code = `
import os
os.environ["OPENBLAS_NUM_THREADS"]=os.environ["OMP_NUM_THREADS"]=os.environ["MKL_NUM_THREADS"]="${threads}"
import numpy, time
n=1536; a=numpy.random.rand(n,n).astype("f4"); b=numpy.random.rand(n,n).astype("f4"); best=0
for _ in range(8):
    t=time.perf_counter(); a@b; best=max(best,2*n**3/(time.perf_counter()-t)/1e9)
print(best)`;
  const { stdout } = await run(python, ['-c', code]);
  return Number(stdout);
}

/** Where bcoin is looked for: a folder of the user's, or one that no commit holds. */
const bcoinFolder: string = process.env['RNT_BENCH_BCOIN'] ?? join(folder, '..', '..', '.cache', 'bench-bcoin');

/** Whether bcoin is there; if not, the reason to print. */
export function bcoinMissing(): string | null {
  if (existsSync(join(bcoinFolder, 'node_modules', 'bcoin'))) return null;
  const command = 'npm install --ignore-scripts --no-save --prefix .cache/bench-bcoin bcoin@1.0.2';
  return `bcoin is not in ${bcoinFolder}; \`${command}\` puts it there, or RNT_BENCH_BCOIN names a folder that has it`;
}

/** Where coinselect is looked for, in the same way. */
const coinselectFolder: string =
  process.env['RNT_BENCH_COINSELECT'] ?? join(folder, '..', '..', '.cache', 'bench-coinselect');

/** Whether coinselect is there; if not, the reason to print. */
export function coinselectMissing(): string | null {
  if (existsSync(join(coinselectFolder, 'node_modules', 'coinselect'))) return null;
  const command = 'npm install --ignore-scripts --no-save --prefix .cache/bench-coinselect coinselect@3.1.13';
  return `coinselect is not in ${coinselectFolder}; \`${command}\` puts it there, or RNT_BENCH_COINSELECT names a folder that has it`;
}

/** Milliseconds that coinselect takes to choose among so many coins, from coinselect.mjs. */
export async function coinselectMs(coins: number): Promise<number> {
  const { stdout } = await run(process.execPath, [join(folder, 'coinselect.mjs'), coinselectFolder, String(coins)]);
  const ms = /selection ([\d.]+) ms/.exec(stdout)?.[1];
  if (ms === undefined) throw new Error(`coinselect printed no figure:\n${stdout}`);
  return Number(ms);
}

/** Two-input transactions per second that bcoin connects, from bcoin_connect.mjs. */
export async function bcoinConnect(transactions: number): Promise<number> {
  const args = [join(folder, 'bcoin_connect.mjs'), bcoinFolder, String(transactions)];
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, NODE_BACKEND: 'js' } });
  const rate = /connect ([\d.]+) tx\/s/.exec(stdout)?.[1];
  if (rate === undefined) throw new Error(`bcoin printed no figure:\n${stdout}`);
  return Number(rate);
}
