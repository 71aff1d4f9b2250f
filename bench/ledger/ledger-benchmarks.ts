// The benchmarks of the ledger: signatures, blocks connected, memory of a node that connects them.

import { createPublicKey, randomBytes, verify as verifyNative } from 'node:crypto';
import { publicKey, sign, verify } from '@resonancenet/crypto/ed25519';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import { SignatureService } from '@resonancenet/node/compute/signature-service';
import type { Benchmark } from '../benchmarks.ts';
import { bcoinConnect, bcoinMissing } from '../peer.ts';
import { type BenchRow, makeRow } from '../report.ts';
import type { ConnectFigures } from './connect-child.ts';
import { COINS, ledgerFixture, runChild } from './ledger-fixture.ts';
import { runNode } from './node-run.ts';

/** Checked in one round. */
const SIGNATURES = 20_000;

/** bcoin without its native parts takes a second for some hundreds. */
const PEER_TRANSACTIONS = 400;

/** Threads of a node that check them. */
const SIGNATURE_THREADS = 2;

function assertRight(condition: boolean, what: string): void {
  if (!condition) throw new Error(`The benchmark does not time what it claims: ${what}`);
}

/** Signatures by keys that have signed nothing else. */
function freshChecks(count: number): SignatureCheck[] {
  return Array.from({ length: count }, () => {
    const seed = randomBytes(32);
    const message = randomBytes(32);
    return { publicKey: publicKey(seed), message, signature: sign(message, seed) };
  });
}

function spoiled({ signature, ...check }: SignatureCheck): SignatureCheck {
  return { ...check, signature: signature.with(63, signature[63]! ^ 1).with(0, signature[0]! ^ 1) };
}

/** One after the other in this thread. */
function perSecond(checks: readonly SignatureCheck[], holds: (check: SignatureCheck) => boolean): number {
  const start = performance.now();
  for (const check of checks) assertRight(holds(check), 'a valid signature is refused');
  return (checks.length * 1000) / (performance.now() - start);
}

/** OpenSSL alone, with keys that were imported before. */
function nativePerSecond(checks: readonly SignatureCheck[]): number {
  const keys = new Map(
    checks.map((check) => [
      check,
      createPublicKey({ key: check.publicKey, format: 'raw-public', asymmetricKeyType: 'ed25519' }),
    ]),
  );
  return perSecond(checks, (check) => verifyNative(null, check.message, keys.get(check)!, check.signature));
}

/** By the node's threads. */
async function threadsPerSecond(checks: readonly SignatureCheck[], threads: number): Promise<number> {
  const service = new SignatureService({ threads });
  try {
    const [first] = checks;
    const refused = await service.check([...checks.slice(0, 500), spoiled(first!)], 'exact');
    assertRight(refused.kind === 'invalid' && refused.index === 500, 'a bad signature is not found');
    const start = performance.now();
    const outcome = await service.check(checks, 'exact');
    const seconds = (performance.now() - start) / 1000;
    assertRight(outcome.kind === 'valid', 'valid signatures are refused');
    return checks.length / seconds;
  } finally {
    await service.close();
  }
}

/** Keys never seen before: one thread, and the threads of a node. */
export const signatures: Benchmark = async (context) => {
  const single: number[] = [];
  const limit: number[] = [];
  const both: number[] = [];
  for (let round = 0; round < context.rounds; round += 1) {
    context.say(`signatures: round ${round + 1} of ${context.rounds}`);
    const checks = freshChecks(SIGNATURES);
    const bad = spoiled(checks[0]!);
    assertRight(!verify(bad.signature, bad.message, bad.publicKey), 'a bad signature is accepted');
    limit.push(nativePerSecond(checks));
    single.push(perSecond(checks, (check) => verify(check.signature, check.message, check.publicKey)));
    both.push(await threadsPerSecond(checks, SIGNATURE_THREADS));
  }
  const most = Math.max(...limit);
  const unit = 'checks/s';
  return [
    makeRow({ name: 'signatures', unit, ours: single, peer: null, limit: most, note: 'one thread; bar: 6500' }),
    makeRow({ name: 'signatures-threads', unit, ours: both, peer: null, limit: SIGNATURE_THREADS * most }),
  ];
};

/** Full blocks of two-input transactions onto a set of a million coins, from bodies to the commit. */
export const connectBlocks: Benchmark = async (context) => {
  const fixture = await ledgerFixture(context.say);
  const { full, transactions } = fixture.blocks;
  const ours: number[] = [];
  const limit: number[] = [];
  const figures: ConnectFigures[] = [];
  const peer: number[] = [];
  const missing = bcoinMissing();
  if (missing !== null) context.say(`skipped: the peer of connect-blocks, because ${missing}`);
  for (let round = 0; round < context.rounds; round += 1) {
    context.say(`connect-blocks: round ${round + 1} of ${context.rounds}`);
    limit.push((await threadsPerSecond(freshChecks(SIGNATURES), SIGNATURE_THREADS)) / 2);
    const args = [fixture.freshStore('connect'), fixture.blocksFile, full, SIGNATURE_THREADS];
    const found = JSON.parse(await runChild('connect-child.ts', args)) as ConnectFigures;
    figures.push(found);
    ours.push((transactions * 1000) / found.wallMs);
    if (missing === null) peer.push(await bcoinConnect(PEER_TRANSACTIONS));
  }
  const each = (pick: (found: ConnectFigures) => number): string => {
    const least = Math.min(...figures.map(pick));
    return ((least * 1000) / transactions).toFixed(0);
  };
  const note = [
    `${COINS} coins; bar: 3000; us of CPU for each: main thread ${each(({ mainMs }) => mainMs)}`,
    `others ${each(({ cpuMs, mainMs }) => cpuMs - mainMs)}; wall time of writes ${each(({ writeMs }) => writeMs)}`,
  ].join(', ');
  return [makeRow({ name: 'connect-blocks', unit: 'tx/s', ours, peer, limit: Math.max(...limit), note })];
};

/** A node on that set that fetches the same blocks from a peer: its own memory, and its speed. */
export const ledgerMemory: Benchmark = async (context): Promise<BenchRow[]> => {
  if (process.platform !== 'linux') {
    context.say('skipped: ledger-memory, because memory is read from /proc');
    return [];
  }
  const fixture = await ledgerFixture(context.say);
  const peak: number[] = [];
  const start: number[] = [];
  const speed: number[] = [];
  for (let round = 0; round < context.rounds; round += 1) {
    context.say(`ledger-memory: round ${round + 1} of ${context.rounds}`);
    const store = fixture.freshStore('memory');
    const found = await runNode(fixture.folder, store, fixture.blocksFile, fixture.blocks);
    peak.push(found.peakBytes / 2 ** 20);
    start.push(found.startBytes / 2 ** 20);
    speed.push(found.transactionsPerSecond);
  }
  const note = `peak of RssAnon + RssShmem; ${Math.max(...start).toFixed(0)} before the first block; bar: 400`;
  return [
    makeRow({ name: 'ledger-memory', unit: 'MiB', ours: peak, peer: null, limit: null, lessIsBetter: true, note }),
    makeRow({ name: 'connect-node', unit: 'tx/s', ours: speed, peer: null, limit: null, note: 'over a socket' }),
  ];
};
