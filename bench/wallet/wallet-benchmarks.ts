// The benchmarks of the wallet: 100,000 blocks read from the disk while RPC is asked, then balance, payment and history of 100,000 coins.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ownMemoryBytes } from '../../test/support/own-memory.ts';
import { callRpc } from '../../test/support/rpc-client.ts';
import { selectCoins } from '@resonancenet/wallet/coin-selection/select-coins';
import { atOnce } from '@resonancenet/wallet/work';
import type { Benchmark } from '../benchmarks.ts';
import { nodeEnvironment, nodeFlags } from '../ledger/ledger-fixture.ts';
import { coinselectMissing, coinselectMs } from '../peer.ts';
import { makeRow, median } from '../report.ts';
import { BLOCKS, COINS, makeLoadChain, TRANSACTIONS } from './load-chain.ts';
import { LOAD_NAME, makeLoadWallet } from './load-wallet.ts';

const MIB = 2 ** 20;
const ASK_EVERY_MS = 20;
const ROUNDS = 5;

function assertRight(condition: boolean, what: string): void {
  if (!condition) throw new Error(`The benchmark does not time what it claims: ${what}`);
}

interface Figures {
  readonly rescanS: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  readonly peakMiB: number;
  readonly balanceMs: number;
  readonly paymentMs: number;
  readonly historyMs: number;
}

class Process {
  readonly #folder: string;
  readonly #child: ChildProcess;
  #port = 0;

  constructor(folder: string) {
    this.#folder = folder;
    const program = fileURLToPath(new URL('./wallet-child.ts', import.meta.url));
    this.#child = spawn(process.execPath, [...nodeFlags, program, folder], {
      env: { ...process.env, ...nodeEnvironment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  async ready(): Promise<void> {
    const [line] = (await once(this.#child.stdout!, 'data')) as [Buffer];
    this.#port = Number(line.toString());
  }

  async ask<T>(method: string, params: unknown = []): Promise<{ readonly result: T; readonly ms: number }> {
    const started = performance.now();
    const result = await callRpc<T>(this.#port, join(this.#folder, '.cookie'), method, params as readonly unknown[]);
    return { result, ms: performance.now() - started };
  }

  get memoryMiB(): number {
    return (ownMemoryBytes(this.#child.pid ?? 0) ?? 0) / MIB;
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

interface Info {
  readonly scanning: unknown;
  readonly lastprocessedblock: { readonly height: number } | null;
}

/** Reads all blocks, while another call is made every 20 ms. */
async function rescan(
  node: Process,
  say: (line: string) => void,
): Promise<Omit<Figures, 'balanceMs' | 'paymentMs' | 'historyMs'>> {
  const latencies: number[] = [];
  let peakMiB = 0;
  const started = performance.now();
  await node.ask('loadwallet', [LOAD_NAME]);
  for (let calls = 0; ; calls += 1) {
    const { result, ms } = await node.ask<Info>(calls % 2 === 0 ? 'getwalletinfo' : 'listwallets');
    latencies.push(ms);
    peakMiB = Math.max(peakMiB, node.memoryMiB);
    if (calls % 2 === 0 && result.lastprocessedblock?.height === BLOCKS) break;
    if (calls % 200 === 0) say(`wallet: block ${result.lastprocessedblock?.height ?? 0} of ${BLOCKS}`);
    await setTimeout(ASK_EVERY_MS);
  }
  const sorted = latencies.sort((a, b) => a - b);
  return {
    rescanS: (performance.now() - started) / 1000,
    p99Ms: sorted[Math.floor(0.99 * sorted.length)]!,
    worstMs: sorted.at(-1)!,
    peakMiB,
  };
}

async function run(say: (line: string) => void): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'rnt-bench-wallet-'));
  try {
    mkdirSync(join(folder, 'chain'));
    const account = makeLoadWallet(folder);
    say(`wallet: writing ${BLOCKS} blocks with ${TRANSACTIONS} transactions of the wallet`);
    await makeLoadChain(join(folder, 'chain'), account);
    const node = new Process(folder);
    try {
      await node.ready();
      const scanned = await rescan(node, say);
      const balances: number[] = [];
      const payments: number[] = [];
      const histories: number[] = [];
      let peakMiB = scanned.peakMiB;
      const { result: address } = await node.ask<{ address: string }[]>('listunspent', { count: 1 });
      for (let round = 0; round < ROUNDS; round += 1) {
        const balance = await node.ask<{ total: string }>('getbalances');
        assertRight(balance.result.total === totalText(), `the balance is ${balance.result.total}`);
        balances.push(balance.ms);
        const payment = await node.ask<{ rntp: string }>('createfundedrntp', [{ [address[0]!.address]: '1234.5' }]);
        assertRight(payment.result.rntp.length > 1_000, 'the payment has many inputs');
        payments.push(payment.ms);
        const history = await node.ask<unknown[]>('listtransactions', [100]);
        assertRight(history.result.length === 100, 'history has a hundred entries');
        histories.push(history.ms);
        peakMiB = Math.max(peakMiB, node.memoryMiB);
      }
      const figures = { balanceMs: median(balances), paymentMs: median(payments), historyMs: median(histories) };
      return { ...scanned, peakMiB, ...figures };
    } finally {
      await node.kill();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** RNT of all coins. */
function totalText(): string {
  let sum = 0n;
  for (let height = 2; height <= BLOCKS; height += 2) sum += 2n * (10_000_000_000n + BigInt(height));
  return `${sum / 10_000_000_000n}.${String(sum % 10_000_000_000n)
    .padStart(10, '0')
    .replace(/0+$/, '')}`;
}

/** The selection alone, of coins in memory. */
function selectionMs(): number {
  const coins = Array.from({ length: COINS }, (_, number) => ({
    amount: 100_000n + BigInt((number * 7_919) % 900_000),
  }));
  const goal = {
    target: 500_000_000n,
    inputFee: 1_500n,
    usualInputFee: 1_500n,
    changeFee: 560n,
    changeSpendFee: 1_500n,
    leastChange: 3_000n,
    maxInputs: 2_000,
  };
  const started = performance.now();
  const found = atOnce(selectCoins(coins, goal, (limit) => Math.floor(Math.random() * limit)));
  const ms = performance.now() - started;
  assertRight(found.ok, 'the coins suffice');
  return ms;
}

export const wallet: Benchmark = async (context) => {
  const figures: Figures[] = [];
  const selections: number[] = [];
  const peer: number[] = [];
  const missing = coinselectMissing();
  if (missing !== null) context.say(`skipped: the peer of wallet-selection, because ${missing}`);
  for (let round = 0; round < context.rounds; round += 1) {
    context.say(`wallet: round ${round + 1} of ${context.rounds}`);
    figures.push(await run(context.say));
    selections.push(selectionMs());
    if (missing === null) peer.push(await coinselectMs(COINS));
  }
  const row = (name: string, unit: string, pick: (found: Figures) => number, note: string) =>
    makeRow({ name, unit, ours: figures.map(pick), peer: null, limit: null, lessIsBetter: true, note });
  const worst = Math.max(...figures.map(({ worstMs }) => worstMs)).toFixed(0);
  return [
    row('wallet-rescan', 's', ({ rescanS }) => rescanS, `${BLOCKS} blocks, ${TRANSACTIONS} own transactions; bar: 60`),
    row('wallet-rpc', 'ms', ({ p99Ms }) => p99Ms, `p99 of calls during the rescan; worst ${worst}`),
    row('wallet-memory', 'MiB', ({ peakMiB }) => peakMiB, 'peak of RssAnon + RssShmem; bar: 500'),
    row('wallet-balance', 'ms', ({ balanceMs }) => balanceMs, `getbalances, ${COINS} coins; bar: 1000`),
    row('wallet-payment', 'ms', ({ paymentMs }) => paymentMs, `createfundedrntp, ${COINS} coins; bar: 1000`),
    row('wallet-history', 'ms', ({ historyMs }) => historyMs, `listtransactions 100 of ${TRANSACTIONS}`),
    makeRow({
      name: 'wallet-selection',
      unit: 'ms',
      ours: selections,
      peer: missing === null ? peer : null,
      limit: null,
      lessIsBetter: true,
      note: `${COINS} coins in memory; peer: coinselect`,
    }),
  ];
};
