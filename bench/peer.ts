// The peers: PyTorch programs of ours, run by the system's Python.

import { execFile } from 'node:child_process';
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
