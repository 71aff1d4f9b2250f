// A process that connects blocks to a store as a node does that catches up: the chain's machine, signature threads, the store. Prints what it took as
// one line of JSON, after looking into the store whether all of it is there. Arguments: folder of the store, file of the blocks, full blocks among them,
// signature threads.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decode } from '@resonancenet/bytes/decode';
import { toHex } from '@resonancenet/bytes/hex';
import { createChain } from '@resonancenet/chain/create-chain';
import type { ChainAction, ChainEvent, Now } from '@resonancenet/chain/events';
import { MemoryCheckpointStore } from '@resonancenet/chain/memory-store';
import { SignatureCache } from '@resonancenet/chain/signature-cache';
import { SignatureService } from '@resonancenet/node/compute/signature-service';
import { regtest } from '@resonancenet/params/regtest';
import { blockId } from '@resonancenet/primitives/header';
import { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import { checkConnected } from './check-connected.ts';
import { type BenchBlock, blocksCodec } from './spending-blocks.ts';

export interface ConnectFigures {
  readonly wallMs: number;
  /** Of all threads. */
  readonly cpuMs: number;
  /** Of the main thread, waiting for the disk not included. */
  readonly mainMs: number;
  /** Wall time in the store's writes. */
  readonly writeMs: number;
}

class Connecting {
  readonly #store: LmdbChainStore;
  readonly #service: SignatureService;
  readonly #machine: ReturnType<typeof createChain>;
  readonly #bodies: ReadonlyMap<string, Uint8Array>;
  readonly #last: string;
  readonly #unixMs: number;
  #wake: ReturnType<typeof setTimeout> | null = null;
  #connected: () => void = () => undefined;
  #isDone = false;
  writeMs = 0;

  constructor(store: LmdbChainStore, service: SignatureService, blocks: readonly BenchBlock[], full: number) {
    this.#store = store;
    this.#service = service;
    this.#bodies = new Map(blocks.map(({ header, body }) => [toHex(blockId(header)), body]));
    this.#last = toHex(blockId(blocks[full - 1]!.header));
    this.#unixMs = 1000 * (Number(blocks.at(-1)!.header.timestamp) + 3600);
    const signatures = new SignatureCache(randomBytes(32));
    const checkpoints = new MemoryCheckpointStore();
    // Nobody serves the checkpoints of the last blocks, which is no reason to give the branch up.
    const limits = { downloadStallMs: 3_600_000 };
    this.#machine = createChain({ params: regtest, store, checkpoints, signatures, limits }, this.#now());
    this.#step({ type: 'tick' });
  }

  /** Until the last full block is the tip and stored. */
  async run(blocks: readonly BenchBlock[]): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#connected = resolve;
    });
    for (const { header } of blocks) this.#step({ type: 'header', header, peer: 'peer' });
    await done;
    this.#isDone = true;
    if (this.#wake !== null) clearTimeout(this.#wake);
  }

  #now(): Now {
    return { unixMs: this.#unixMs + performance.now(), monotonicMs: performance.now() };
  }

  #step(event: ChainEvent): void {
    if (this.#isDone) return;
    for (const action of this.#machine.step(event, this.#now())) this.#perform(action);
  }

  #perform(action: ChainAction): void {
    switch (action.type) {
      case 'persist': {
        const start = performance.now();
        this.#store.write(action.batch);
        this.writeMs += performance.now() - start;
        return;
      }
      case 'verify-signatures': {
        const { job, checks } = action;
        void this.#service.check(checks, 'exact').then((outcome) => this.#step({ type: 'signatures', job, outcome }));
        return;
      }
      case 'want-body': {
        const { blockId: id } = action;
        const bytes = this.#bodies.get(id);
        // Each as a message of its own.
        if (bytes !== undefined) setImmediate(() => this.#step({ type: 'body', blockId: id, bytes, peer: 'peer' }));
        return;
      }
      case 'wake': {
        if (this.#wake !== null) clearTimeout(this.#wake);
        const delay = Math.max(1, action.atMonotonicMs - performance.now());
        this.#wake = setTimeout(() => this.#step({ type: 'tick' }), delay);
        return;
      }
      case 'tip':
        if (action.to === this.#last) this.#connected();
        return;
      case 'refused':
        throw new Error(`block ${action.blockId} is refused: ${action.code}, ${action.detail}`);
      default:
    }
  }
}

async function main([folder = '', file = '', full = '0', threads = '2']: readonly string[]): Promise<void> {
  const decoded = decode(blocksCodec, readFileSync(file));
  if (!decoded.ok) throw decoded.error;
  const blocks = decoded.value;
  const store = LmdbChainStore.open(folder);
  const service = new SignatureService({ threads: Number(threads) });
  const connecting = new Connecting(store, service, blocks, Number(full));
  const before = { cpu: process.cpuUsage(), main: process.threadCpuUsage(), wall: performance.now() };
  await connecting.run(blocks);
  const figures: ConnectFigures = {
    wallMs: performance.now() - before.wall,
    cpuMs: milliseconds(process.cpuUsage(before.cpu)),
    mainMs: milliseconds(process.threadCpuUsage(before.main)),
    writeMs: connecting.writeMs,
  };
  await service.close();
  await store.close();
  await checkConnected(folder, blocks.slice(0, Number(full)), regtest);
  console.log(JSON.stringify(figures));
}

function milliseconds({ user, system }: { readonly user: number; readonly system: number }): number {
  return (user + system) / 1000;
}

await main(process.argv.slice(2));
