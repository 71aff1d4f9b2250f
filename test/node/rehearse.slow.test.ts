// `rnt wallet recovery rehearse`: all strategies with processes of its own, and what is left when it is interrupted: nothing.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRnt, spawnRnt } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitFor, within } from '../support/wait.ts';

interface Rehearsed {
  readonly strategies: readonly {
    readonly strategy: string;
    readonly opens: number;
    readonly lost: string;
    readonly recovered: string;
    readonly fee: string;
    readonly returned: string;
  }[];
  readonly lines: readonly {
    readonly strategy: string;
    readonly step: string;
    readonly height: number;
    readonly text: string;
  }[];
}

/** Where it makes its folder. */
const inFolder = (folder: string): Readonly<Record<string, string>> => ({ TMPDIR: folder, TMP: folder, TEMP: folder });

test('all three strategies are played to the last resonance, and the folder goes', async () => {
  const folder = tempFolder('rehearse');
  const { code, stdout, stderr } = await runRnt(
    ['wallet', 'recovery', 'rehearse', '--json'],
    inFolder(folder),
    300_000,
  );
  assert.equal(code, 0, stderr);
  const { strategies, lines } = JSON.parse(stdout) as Rehearsed;
  assert.deepEqual(
    strategies.map(({ strategy, returned }) => [strategy, returned]),
    [
      ['heartbeat', '0'],
      ['social', '0'],
      ['emission-return', '2.5'],
    ],
  );
  for (const { strategy, opens } of strategies) {
    const early = lines.find((line) => line.strategy === strategy && line.step === 'too-early');
    assert.match(early!.text, new RegExp(`at height ${opens}, the next block is ${opens - 1}`));
  }
  assert.deepEqual(readdirSync(folder), []);
});

test('interrupted while signers and node run, it ends them and takes the folder away', async () => {
  const folder = tempFolder('interrupted');
  const child = spawnRnt(['wallet', 'recovery', 'rehearse', '--strategy', 'social'], inFolder(folder));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdout?.resume();
  child.stderr?.resume();
  const signer = await waitFor(() => signerIn(folder), { what: () => 'a signer runs', timeoutMs: 60_000 });
  child.kill('SIGINT');
  assert.equal(await within(ended, 30_000, 'it ends'), 130);
  assert.deepEqual(readdirSync(folder), []);
  await waitFor(() => isGone(signer), { what: () => `signer ${signer} is gone`, timeoutMs: 2_000 });
});

/** It answers before it ends. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
    throw error;
  }
}

/** Process id of a signer of the rehearsal, from the lock of its wallet. */
function signerIn(folder: string): number | null {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/wallets[\\/][^\\/]+[\\/]lock$/.test(path)) continue;
    const { pid } = JSON.parse(readFileSync(join(folder, path), 'utf8')) as { readonly pid: number };
    return pid;
  }
  return null;
}
