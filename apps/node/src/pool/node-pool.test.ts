import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MemoryChainStore } from '@resonancenet/chain/memory-store';
import { SignatureCache } from '@resonancenet/chain/signature-cache';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import { PoolWorld } from '@resonancenet/mempool/testing/pool-world';
import type { PoolEvent } from '@resonancenet/p2p/node-machine';
import { devnet } from '@resonancenet/params/devnet';
import { regtest } from '@resonancenet/params/regtest';
import { keyDestination } from '@resonancenet/primitives/destination';
import { type Logger, pino } from 'pino';
import { type SignatureResult, SignatureService } from '../compute/signature-service.ts';
import { nodeConfig, type PoolConfig } from '../config/node-config.ts';
import { readSettings } from '../config/read-settings.ts';
import { NodePool } from './node-pool.ts';
import { PoolStorage } from './pool-storage.ts';
import { PoolTickets, type TicketAction } from './pool-tickets.ts';
import { RelayedSignatures } from './relayed-signatures.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-pool-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const check: SignatureCheck = {
  publicKey: new Uint8Array(32),
  message: new Uint8Array(32),
  signature: new Uint8Array(64),
};

test('what is refused in the strict sense is decided a few times a second, to know whose fault it is', async () => {
  const asked: string[] = [];
  const answer = (exact: SignatureResult): RelayedSignatures =>
    new RelayedSignatures(
      {
        check: async (checks, mode) => {
          asked.push(`${mode} ${checks.length}`);
          return mode === 'strict' ? { kind: 'invalid', index: 1 } : exact;
        },
      },
      0,
    );
  const forged = answer({ kind: 'invalid', index: 0 });
  assert.deepEqual(await forged.check([check, check], 0), { kind: 'invalid', index: 1 });
  assert.deepEqual(asked, ['strict 2', 'exact 1']);
  const lenient = answer({ kind: 'valid' });
  assert.deepEqual(await lenient.check([check, check], 0), { kind: 'lenient', index: 1 });

  // Twenty at once; then nobody looks, and nobody is blamed.
  const flooded = answer({ kind: 'invalid', index: 0 });
  for (let count = 0; count < 20; count += 1)
    assert.equal((await flooded.check([check, check], 0)).kind, 'invalid', String(count));
  assert.equal((await flooded.check([check, check], 0)).kind, 'lenient');
  assert.equal((await flooded.check([check, check], 49)).kind, 'lenient');
  assert.equal((await flooded.check([check, check], 50)).kind, 'invalid');
});

test('a submission is answered with all that one step says about it, and with nothing of others', async () => {
  const tickets = new PoolTickets();
  const accepted = (txid: string, ticket: number | null): TicketAction => ({
    type: 'transaction-accepted',
    txid,
    leaf: txid,
    peer: null,
    ticket,
    isLocal: true,
  });
  const first = tickets.open();
  const second = tickets.open();
  tickets.note(accepted('a', first.ticket));
  tickets.note(accepted('x', null));
  tickets.note(accepted('b', first.ticket));
  tickets.settle();
  assert.deepEqual(
    (await first.answer).map(({ txid }) => txid),
    ['a', 'b'],
  );
  tickets.drop(second.ticket);
  tickets.note(accepted('c', second.ticket));
  tickets.settle();
});

test('the pool’s file is taken back, and one that is cut, of another network or no file is refused', () => {
  const world = new PoolWorld();
  world.submit(world.payFee(world.fund(1_000_000_000n), 100_000n));
  const path = join(folder, 'file.dat');
  const storage = new PoolStorage(path, regtest);
  assert.deepEqual(storage.load(), { kind: 'none' });
  storage.save(world.machine.persisted());
  const loaded = storage.load();
  assert.equal(loaded.kind === 'loaded' ? loaded.file.transactions.length : 0, 1);
  assert.equal(new PoolStorage(path, devnet).load().kind, 'refused');
  writeFileSync(path, readFileSync(path).subarray(0, -1));
  assert.equal(storage.load().kind, 'refused');
  writeFileSync(path, '');
  assert.equal(storage.load().kind, 'refused');
});

function poolIn(name: string, config: Partial<PoolConfig>, log: Logger = pino({ enabled: false })): NodePool {
  const signatures = new SignatureService({ threads: 1 });
  const pool: NodePool = new NodePool({
    params: regtest,
    config: { persist: true, maxMegabytes: 1, expiryHours: 1, minRelayFee: 10, ...config },
    folder: name,
    store: new MemoryChainStore(),
    known: new SignatureCache(new Uint8Array(32)),
    signatures,
    log,
    now: () => ({ unixMs: 1_800_000_000_000, monotonicMs: 1 }),
    step: (event: PoolEvent) => {
      for (const action of pool.machine.step(event, { unixMs: 1_800_000_000_000, monotonicMs: 1 }))
        if (action.type !== 'wake' && action.type !== 'want-parents') pool.perform(action);
      pool.stepDone();
    },
  });
  return pool;
}

test('a damaged file is told and replaced at the end; a pool that is not to be kept leaves no file', () => {
  const path = join(folder, 'mempool.dat');
  writeFileSync(path, 'damaged');
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const pool = poolIn(folder, {}, log);
  pool.start();
  pool.close();
  assert.match(lines.join(), /mempool\.dat is not read/);
  assert.equal(new PoolStorage(path, regtest).load().kind, 'loaded');
  rmSync(path);
  const passing = poolIn(folder, { persist: false });
  passing.start();
  passing.close();
  assert.equal(existsSync(path), false);
});

test('submit() answers refusals, and a template leaves room for header, window sums and coinbase', async () => {
  const pool = poolIn(folder, {});
  const [refused] = await pool.submit([Uint8Array.of(1)]);
  assert.equal(refused?.type === 'transaction-refused' ? refused.code : '', 'malformed');
  const template = pool.template(keyDestination(new Uint8Array(32), regtest.recovery));
  assert.deepEqual([template.transactions.length, template.fees], [0, 0n]);
  assert.equal(pool.machine.leastRate({ unixMs: 0, monotonicMs: 1 }), 10_000n);
  assert.equal(poolIn(folder, { minRelayFee: 11 }).machine.leastRate({ unixMs: 0, monotonicMs: 1 }), 11_000n);
});

test('the least fee of a node is not below that of its network', () => {
  const settings = (fee: string): PoolConfig =>
    nodeConfig(readSettings({ 'data-dir': folder, network: 'regtest', 'min-relay-fee': fee }, {})).pool;
  assert.equal(settings('10').minRelayFee, 10);
  assert.equal(settings('25').minRelayFee, 25);
  assert.throws(() => settings('9'), /--min-relay-fee 9: network 'regtest' relays nothing below 10/);
  assert.deepEqual(nodeConfig(readSettings({ 'data-dir': folder }, {})).pool, {
    persist: true,
    maxMegabytes: 50,
    expiryHours: 336,
    minRelayFee: 10,
  });
});
