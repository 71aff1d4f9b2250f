// Peers that send junk headers without pause: each is signed, well-formed and costs its maker next to nothing. One that is thrown out comes back
// at once from another host.

import { expectedDval } from '@resonancenet/consensus/dval-rotation';
import { nextGrowth } from '@resonancenet/consensus/growth';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { ANNOUNCEMENT } from '@resonancenet/p2p/messages/headers';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { BLOCK_VERSION } from '@resonancenet/params/protocol-constants';
import { NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { type BlockHeader, blockId, signHeader } from '@resonancenet/primitives/header';
import { earliestTimestamp } from '@resonancenet/node/mining/next-block';
import { keyOf } from './block-forge.ts';
import { type Mind, ScriptedPeer } from './scripted-peer.ts';

/** Headers in one announcement, the most that is allowed. */
const PER_MESSAGE = 8;

/** A stretch of junk before a new one begins at the tip. */
const LONGEST_BRANCH = 200;

export interface FlooderOptions {
  readonly params: NetworkParams;
  readonly port: number;
  /** What it builds on. */
  readonly tip: () => BlockHeader;
  readonly headersPerSecond: number;
  /** A new host for each connection. */
  readonly nextHost: () => string;
  /** Makes its headers its own. */
  readonly seed: number;
}

export class Flooder {
  sent = 0;
  connections = 0;
  readonly #options: FlooderOptions;
  readonly #key: Uint8Array;
  #peer: ScriptedPeer | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #connecting = false;
  #branch: BlockHeader[] = [];
  #serial: number;

  constructor(options: FlooderOptions) {
    this.#options = options;
    this.#key = keyOf(900_000_000 + options.seed);
    this.#serial = options.seed * 10_000_000;
  }

  start(): void {
    const startedMs = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - startedMs) * this.#options.headersPerSecond) / 1000;
      // What could not be sent while it was out is not made up for.
      if (due - this.sent > this.#options.headersPerSecond) this.sent = Math.floor(due);
      while (this.sent + PER_MESSAGE <= due) this.#announce();
    }, 20);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#peer?.close();
  }

  /** Headers by turns: siblings that claim much, a long branch, and rows whose parent nobody knows. */
  #announce(): void {
    const headers = Array.from({ length: PER_MESSAGE }, () => this.#next());
    this.sent += PER_MESSAGE;
    const peer = this.#peer;
    if (peer === null || peer.isClosed) void this.#connect();
    else if (peer.isReady && peer.unsentBytes < 1_000_000)
      for (const header of headers)
        peer.send({ command: 'headers', body: { request: ANNOUNCEMENT, headers: [header] } });
  }

  async #connect(): Promise<void> {
    if (this.#connecting) return;
    this.#connecting = true;
    const { params, port, nextHost } = this.#options;
    try {
      this.#peer = await ScriptedPeer.connect(port, { params, mind: this.#mind }, nextHost());
      this.connections += 1;
    } finally {
      this.#connecting = false;
    }
  }

  /** Who asks for more gets more. */
  readonly #mind: Mind = (message, peer) => {
    if (message.command !== 'getheaders') return;
    const headers = this.#row(LONGEST_BRANCH);
    this.sent += headers.length;
    peer.send({ command: 'headers', body: { request: message.body.request, headers } });
  };

  #next(): BlockHeader {
    this.#serial += 1;
    const tip = this.#options.tip();
    switch (this.#serial % 3) {
      case 0:
        return this.#child(tip);
      case 1: {
        const last = this.#branch.at(-1);
        if (last === undefined || this.#branch.length >= LONGEST_BRANCH) this.#branch = [];
        const header = this.#child(this.#branch.at(-1) ?? tip);
        this.#branch.push(header);
        return header;
      }
      default:
        return this.#child({ ...tip, prevHash: keyOf(this.#serial), height: tip.height + 1 });
    }
  }

  /** A row of headers that follow each other from the tip. */
  #row(count: number): BlockHeader[] {
    const row: BlockHeader[] = [];
    for (let at = this.#options.tip(); row.length < count; ) {
      this.#serial += 1;
      at = this.#child(at);
      row.push(at);
    }
    return row;
  }

  /** A header that passes every check before the body. */
  #child(parent: BlockHeader): BlockHeader {
    const { params } = this.#options;
    const timestamp = earliestTimestamp(parent, params);
    const { growth, stagnation, shape } = nextGrowth(parent, timestamp, params);
    return signHeader(
      {
        version: BLOCK_VERSION,
        height: parent.height + 1,
        prevHash: blockId(parent),
        txRoot: keyOf(this.#serial),
        checkpointRoot: keyOf(this.#serial),
        valLoss: Math.max(1, parent.valLoss - params.lossStep - 1000 - (this.#serial % 1000)),
        parentLoss: parent.valLoss,
        lossRoot: keyOf(this.#serial),
        dvalId: expectedDval(parent, timestamp, params),
        dModel: shape.width,
        nLayers: shape.layers,
        growth,
        stagnation,
        timestamp,
        dvalVote: NO_VOTE,
        minerKey: publicKey(this.#key),
      },
      this.#key,
    );
  }
}
