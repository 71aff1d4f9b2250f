import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { LmdbWalletStore } from '@resonancenet/storage/lmdb-wallet-store';
import { readTip } from '@resonancenet/wallet/account-state';
import { walkCoins } from '@resonancenet/wallet/coin-table';
import { setLabel, walkLabels } from '@resonancenet/wallet/labels';
import { walkPending } from '@resonancenet/wallet/pending-table';
import type { MissingKeys } from '@resonancenet/wallet/scan-block';
import { accountKinds } from '@resonancenet/wallet/testing/test-wallet';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { WalletAccounts } from '@resonancenet/wallet/wallet-accounts';
import { WALLET_TABLES } from '@resonancenet/wallet/wallet-view';
import { FakeChain, FakePool, foreignOutpoint, outpointOf, outputTo, spending } from './testing/fake-chain.ts';
import { WalletSync, type WalletSyncParts } from './wallet-sync.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

class Rig {
  readonly chain = new FakeChain();
  readonly pool = new FakePool();
  readonly account: WalletAccount;
  readonly folder: string;
  readonly missing: MissingKeys[] = [];
  readonly trouble: unknown[] = [];
  readonly progress: number[] = [];
  birthHeight = 0;
  store: LmdbWalletStore;
  sync: WalletSync;

  constructor(keys = 60) {
    this.account = accountKinds.emissionReturn('alice', 0, keys);
    this.folder = mkdtempSync(join(tmpdir(), 'rnt-sync-'));
    folders.push(this.folder);
    this.store = LmdbWalletStore.open(this.folder);
    this.sync = this.#sync();
  }

  pay(index = 0): ReturnType<WalletAccount['destination']> & object {
    return this.account.destination('receive', index)!;
  }

  coins(): bigint[] {
    return [...walkCoins(this.store)].map(({ amount }) => amount);
  }

  pending(): string[] {
    return [...walkPending(this.store)].map(({ txid }) => toHex(txid)).sort();
  }

  /** Everything that blocks and the user have written. */
  dump(): string {
    return WALLET_TABLES.flatMap((table) =>
      [...this.store.range(table, new Uint8Array(0), null)].map(
        ([key, value]) => `${table} ${toHex(key)} ${toHex(value)}`,
      ),
    ).join('\n');
  }

  async reopen(): Promise<void> {
    await this.close();
    this.store = LmdbWalletStore.open(this.folder);
    this.sync = this.#sync();
  }

  async close(): Promise<void> {
    await this.sync.close();
    await this.store.close();
  }

  #sync(): WalletSync {
    const parts: WalletSyncParts = {
      store: this.store,
      accounts: new WalletAccounts([this.account]),
      birthHeight: this.birthHeight,
      chain: this.chain,
      pool: this.pool,
      unixMs: () => 5_000,
      moreKeys: async (missing) => {
        this.missing.push(...missing);
        return false;
      },
      onProgress: ({ height }) => this.progress.push(height),
      onCaughtUp: () => undefined,
      onTrouble: (error) => this.trouble.push(error),
      onNotResent: () => undefined,
    };
    return new WalletSync(parts);
  }
}

function rigOf(context: TestContext, keys?: number): Rig {
  const rig = new Rig(keys);
  context.after(() => rig.close());
  return rig;
}

test('a wallet reads from its birth on, and goes on after a restart where it was', async (context) => {
  const rig = rigOf(context);
  for (let height = 1; height <= 30; height += 1) rig.chain.mine(rig.pay(0), [], BigInt(height));
  rig.birthHeight = 11;
  await rig.reopen();
  await rig.sync.caughtUp();
  assert.equal(rig.coins().length, 20);
  assert.equal(rig.chain.reads, 20);
  await rig.reopen();
  rig.chain.mine(rig.pay(1));
  await rig.sync.caughtUp();
  assert.equal(rig.chain.reads, 21);
  assert.equal(readTip(rig.store)!.height, 31);
  assert.deepEqual(rig.trouble, []);
});

test('blocks that leave the chain are taken back, byte for byte, and the new branch is read', async (context) => {
  const rig = rigOf(context);
  const first = rig.chain.mine(rig.pay(0), [], 7n);
  for (let more = 0; more < 10; more += 1) rig.chain.mine();
  await rig.sync.caughtUp();
  const before = rig.dump();
  rig.chain.mine(rig.pay(1), [spending([outpointOf(first)], [outputTo(rig.pay(2), 6n)])]);
  rig.chain.mine(rig.pay(3));
  await rig.sync.caughtUp();
  assert.deepEqual(rig.coins().sort(), [50n, 50n, 6n].sort());
  // The chain is shorter for a moment.
  rig.chain.undo(2);
  await rig.sync.caughtUp();
  assert.equal(rig.dump(), before);
  rig.chain.mine(rig.pay(4), [], 3n);
  rig.chain.mine();
  rig.chain.mine();
  await rig.sync.caughtUp();
  assert.deepEqual(rig.coins().sort(), [3n, 7n]);
  assert.equal(rig.sync.tip!.height, 14);
});

test('a wallet whose chain is another one altogether reads all of it again, and keeps its labels', async (context) => {
  const rig = rigOf(context);
  rig.chain.mine(rig.pay(0), [], 7n);
  for (let more = 0; more < 20; more += 1) rig.chain.mine();
  await rig.sync.caughtUp();
  rig.sync.change((view) => setLabel(view, { kind: 'payee', name: 'rnt1x', label: 'rent' }));
  rig.chain.undo(21);
  for (let more = 0; more < 20; more += 1) rig.chain.mine(rig.pay(0), [], 2n);
  await rig.sync.caughtUp();
  assert.equal(rig.coins().length, 20);
  assert.equal([...walkLabels(rig.store, 'payee')].length, 1);
});

test('a rescan gives what was there, and shows how far it is', async (context) => {
  const rig = rigOf(context);
  const coinbases = Array.from({ length: 40 }, (_, index) => rig.chain.mine(rig.pay(index % 20)));
  for (const coinbase of coinbases.slice(0, 20))
    rig.chain.mine(undefined, [spending([outpointOf(coinbase)], [outputTo(rig.pay(5), 49n)])]);
  for (let more = 0; more < 3_000; more += 1) rig.chain.mine();
  await rig.sync.caughtUp();
  const before = rig.dump();
  rig.sync.rescan();
  assert.deepEqual(rig.coins(), []);
  await rig.sync.caughtUp();
  assert.equal(rig.dump(), before);
  assert.ok(rig.progress.length > 0);
  assert.equal(rig.sync.progress, null);
});

test('the node has its turns while a wallet reads, none of which waits long', async (context) => {
  const rig = rigOf(context);
  for (let more = 0; more < 4_000; more += 1) rig.chain.mine(more % 10 === 0 ? rig.pay(more % 20) : undefined);
  let longest = 0;
  let last = performance.now();
  let isOver = false;
  const look = (): void => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  await rig.sync.caughtUp();
  isOver = true;
  // A slice and a commit, on a machine that may be busy.
  assert.ok(longest < 250, `${longest.toFixed(0)} ms`);
});

test('transactions of the pool wait, and are settled by a block', async (context) => {
  const rig = rigOf(context);
  const coinbase = rig.chain.mine(rig.pay(0));
  const own = spending([outpointOf(coinbase)], [outputTo(rig.pay(1), 40n)]);
  const other = spending([foreignOutpoint(1)], [outputTo(rig.pay(2), 4n)]);
  const foreign = spending(
    [foreignOutpoint(2)],
    [{ ...outputTo(rig.pay(2), 4n), lockId: new Uint8Array(24) } as never],
  );
  rig.pool.add(own);
  await rig.reopen();
  await rig.sync.caughtUp();
  assert.deepEqual(rig.pending(), [toHex(outpointOf(own).txid)]);
  for (const transaction of [other, foreign]) rig.sync.transactionAccepted(rig.pool.add(transaction));
  await rig.sync.caughtUp();
  assert.deepEqual(rig.pending(), [own, other].map((one) => toHex(outpointOf(one).txid)).sort());
  rig.chain.mine(undefined, [own]);
  await rig.sync.caughtUp();
  assert.deepEqual(rig.pending(), [toHex(outpointOf(other).txid)]);
});

test('what others sent waits while the pool has it; what the wallet sent is handed in again, once a block', async (context) => {
  const rig = rigOf(context);
  const coinbase = rig.chain.mine(rig.pay(0));
  const own = spending([outpointOf(coinbase)], [outputTo(rig.pay(1), 40n)]);
  const other = spending([foreignOutpoint(1)], [outputTo(rig.pay(2), 4n)]);
  const ids = [own, other].map((transaction) => rig.pool.add(transaction));
  for (const id of ids) rig.sync.transactionAccepted(id);
  await rig.sync.caughtUp();
  for (const id of ids) {
    rig.pool.remove(id);
    rig.sync.transactionRemoved(id, false);
  }
  await rig.sync.caughtUp();
  assert.deepEqual(rig.pending(), [ids[0]]);
  assert.deepEqual(rig.pool.submitted, [ids[0]]);
  await rig.sync.caughtUp();
  assert.equal(rig.pool.submitted.length, 1);
  rig.chain.mine();
  await rig.sync.caughtUp();
  assert.equal(rig.pool.submitted.length, 2);
  rig.sync.transactionRemoved(ids[0]!, true);
  await rig.sync.caughtUp();
  assert.deepEqual(rig.pending(), []);
});

test('a block whose transactions are not here stops a wallet until they are', async (context) => {
  const rig = rigOf(context);
  for (let more = 0; more < 5; more += 1) rig.chain.mine();
  rig.chain.forget(3);
  await rig.sync.caughtUp();
  assert.equal(rig.sync.tip!.height, 2);
  assert.match(rig.sync.blocked!, /block 3/);
});

test('the end of the keys is told of when a payment comes near it', async (context) => {
  const rig = rigOf(context, 30);
  rig.chain.mine(rig.pay(9));
  await rig.sync.caughtUp();
  assert.deepEqual(rig.missing, []);
  rig.chain.mine(rig.pay(10));
  rig.chain.mine(rig.pay(11));
  await rig.sync.caughtUp();
  assert.deepEqual(
    rig.missing.map(({ branch, first }) => [branch, first]),
    [
      ['receive', 30],
      ['receive', 30],
    ],
  );
  assert.equal(rig.sync.missingKeys.length, 1);
});

test('a store that fails stops the wallet with its reason, and the next block tries again', async (context) => {
  const rig = rigOf(context);
  rig.chain.mine(rig.pay(0));
  const { store } = rig;
  const write = store.write.bind(store);
  store.write = () => {
    throw new Error('no space');
  };
  await rig.sync.caughtUp();
  assert.equal(rig.trouble.length, 1);
  assert.equal(rig.sync.tip, null);
  store.write = write;
  rig.chain.mine();
  await rig.sync.caughtUp();
  assert.equal(rig.coins().length, 1);
});
