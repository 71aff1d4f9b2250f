import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { UNKNOWN_POLICY } from '@resonancenet/ledger/policy-registry';
import { feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import { regtest } from '@resonancenet/params/regtest';
import { LmdbWalletStore } from '@resonancenet/storage/lmdb-wallet-store';
import { listCoins } from '@resonancenet/wallet/account-coins';
import { balanceOf } from '@resonancenet/wallet/balance';
import { buildPayment, buildPaymentInParts } from '@resonancenet/wallet/build-payment';
import { historyInParts, historyOf } from '@resonancenet/wallet/history';
import { plainPayment } from '@resonancenet/wallet/payment-wish';
import { giveSignOfLife } from '@resonancenet/wallet/recovery/announce-recovery';
import { recoveryStatus } from '@resonancenet/wallet/recovery/recovery-status';
import { accountKinds } from '@resonancenet/wallet/testing/test-wallet';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { WalletAccounts } from '@resonancenet/wallet/wallet-accounts';
import { inTurns } from './in-turns.ts';
import { FakeChain, FakePool, foreignOutpoint, outputTo, spending } from './testing/fake-chain.ts';
import { WalletSync } from './wallet-sync.ts';

const BLOCKS = 100_000;
const RNT = 10_000_000_000n;
const MIB = 2 ** 20;

/** Every other block pays the account twice: 50,000 transactions, 100,000 coins. */
function busyChain(account: WalletAccount): FakeChain {
  const chain = new FakeChain();
  for (let height = 1; height <= BLOCKS; height += 1) {
    const index = height % 900;
    const outputs = (['receive', 'change'] as const).map((branch) =>
      outputTo(account.destination(branch, index)!, RNT + BigInt(height)),
    );
    chain.mine(undefined, height % 2 === 0 ? [spending([foreignOutpoint(height)], outputs)] : []);
  }
  return chain;
}

/** Since the last call, milliseconds. */
function longestMs(holds: ReturnType<typeof monitorEventLoopDelay>): number {
  const longest = Math.round(holds.max / 1e6);
  holds.reset();
  return longest;
}

/** Of the processor, so that other programs do not count. */
function secondsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}

function seconds(work: () => unknown): number {
  const started = process.cpuUsage();
  work();
  return secondsSince(started);
}

for (const kind of ['heartbeat', 'emissionReturn'] as const)
  test(`${kind}: 100,000 blocks are read in under 60 s; 100,000 coins and 50,000 transactions answer in under 1 s`, async (context) => {
    const account = accountKinds[kind]('alice', 0, 1_000);
    const chain = busyChain(account);
    const folder = mkdtempSync(join(tmpdir(), 'rnt-load-'));
    const store = LmdbWalletStore.open(folder);
    const before = process.memoryUsage().rss;
    const progress: number[] = [];
    const sync = new WalletSync({
      store,
      accounts: new WalletAccounts([account]),
      birthHeight: 0,
      chain,
      pool: new FakePool(),
      unixMs: () => 0,
      moreKeys: async () => false,
      onProgress: ({ height }) => progress.push(height),
      onCaughtUp: () => undefined,
      onTrouble: (error) => {
        throw error;
      },
      onNotResent: () => undefined,
    });
    try {
      const holds = monitorEventLoopDelay({ resolution: 1 });
      holds.enable();
      const started = process.cpuUsage();
      await sync.caughtUp();
      const scanned = secondsSince(started);
      const scanHoldMs = longestMs(holds);
      const payment = plainPayment([outputTo(account.destination('receive', 0)!, 1_234n * RNT)], feeRatePerByte(20));
      const rates = { relayRate: feeRatePerByte(regtest.minRelayFee), usualRate: feeRatePerByte(20) };
      const world = { view: store, params: regtest, genesisId: new Uint8Array(32), ...rates, random: () => 0 };
      const coins = listCoins(store, account, regtest).length;
      const took = {
        scanned,
        balance: seconds(() => balanceOf(store, account, regtest, BLOCKS)),
        selection: seconds(() => buildPayment(account, payment, world)),
        history: seconds(() => historyOf(store, account, 20)),
        heartbeat: seconds(() => giveSignOfLife(account, account, feeRatePerByte(20), world)),
        status: seconds(() => recoveryStatus(store, account, UNKNOWN_POLICY, 60)),
      };
      longestMs(holds);
      const built = await inTurns(buildPaymentInParts(account, payment, world));
      await inTurns(historyInParts(store, account, 10_000, 40_000));
      const holdMs = longestMs(holds);
      holds.disable();
      // An emission-return account has the coins of the last blocks alone.
      assert.equal(built.ok, kind === 'heartbeat');
      const mib = Math.round((process.memoryUsage().rss - before) / MIB);
      context.diagnostic(
        `${coins} coins, ${mib} MiB more, seconds ${JSON.stringify(took)}; thread held ${scanHoldMs} ms by the scan, ${holdMs} ms by a payment and history`,
      );
      assert.ok(scanned < 60 && progress.length > 0, `${scanned} s`);
      assert.ok(
        took.balance < 1 && took.selection < 1 && took.history < 1 && took.status < 1 && took.heartbeat < 0.1,
        JSON.stringify(took),
      );
      assert.ok(mib < 500, `${mib} MiB`);
      assert.equal(coins, kind === 'heartbeat' ? BLOCKS : 200);
    } finally {
      await sync.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
