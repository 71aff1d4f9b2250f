// What RPC methods may ask of the node. The composition root implements it; tests use a small one of their own.

import type { Hex32 } from '@resonancenet/chain/events';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { BlockBody } from '@resonancenet/primitives/block';
import type { Destination } from '@resonancenet/primitives/destination';
import type { DvalVote } from '@resonancenet/primitives/dval-vote';
import type { BlockHeader } from '@resonancenet/primitives/header';

export interface BlockView {
  readonly header: BlockHeader;
  readonly body: BlockBody | null;
  /** Bytes of header and body; null without a body. */
  readonly size: number | null;
  /** Blocks on top of it and itself; -1 if it is not on the active chain, as Bitcoin Core has it. */
  readonly confirmations: number;
  readonly next: Hex32 | null;
  /** How far its checks have come, in words; the reason if it was refused. */
  readonly status: string;
}

export interface ChainTip {
  readonly hash: Hex32;
  readonly height: number;
  readonly valLoss: number;
  /** 'active', 'valid-fork', 'headers-only', 'invalid', ... */
  readonly status: string;
}

export interface PeerView {
  readonly id: number;
  readonly address: string;
  readonly inbound: boolean;
  readonly connectedSeconds: number;
  readonly userAgent: string;
  readonly height: number | null;
  readonly pingMs: number | null;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export interface MiningView {
  readonly mining: boolean;
  /** Why it does not mine at the moment; null while it does. */
  readonly waiting: string | null;
  readonly payTo: string;
  readonly tokensPerSecond: number;
  /** Training loss of the last batch, nats. */
  readonly trainLoss: number | null;
  /** Share of the recipe's learning rate in use. */
  readonly learningRate: number;
  readonly looks: number;
  /** What the last look at the weights found, with both numbers; null before the first. */
  readonly lastLook: string | null;
  readonly blocksFound: number;
  /** Resonances that blocks of ours on the active chain have paid. */
  readonly earned: bigint;
  /** What became of the last blocks and looks, newest first, with both numbers. */
  readonly history: readonly string[];
}

export interface GenerateParams {
  readonly prompt: string;
  readonly tokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
}

export interface FundedTransaction {
  readonly txid: Hex32;
  /** Encoded, ready to be sent. */
  readonly hex: string;
}

export interface NodeApi {
  readonly params: NetworkParams;
  readonly startedAtMs: number;
  readonly version: string;
  tip(): Hex32;
  finalizedHeight(): number;
  hashAt(height: number): Hex32 | null;
  block(hash: Hex32): BlockView | null;
  tips(): readonly ChainTip[];
  /** Blocks whose headers are known but which are not yet decided. */
  headersHeight(): number;
  inSync(): boolean;
  alarms(): readonly string[];
  peers(): readonly PeerView[];
  mining(): MiningView;
  /** Path of the tip's checkpoint file. */
  tipCheckpoint(): string;
  generate(params: GenerateParams): Promise<{ readonly text: string; readonly tokensPerSecond: number }>;
  invalidate(hash: Hex32): void;
  reconsider(hash: Hex32): void;
  /** Pauses or resumes mining until the node ends; false if it was started without a miner. */
  setMining(enabled: boolean): boolean;
  /** Whom blocks of this node pay from now on. @throws WriteFileError */
  setPayTo(destination: Destination): void;
  /** For `getdvalinfo` and `listproposals` (rotation/dval-report.ts). */
  dvalInfo(): Record<string, unknown>;
  proposals(): readonly Record<string, unknown>[];
  dvalVote(): DvalVote;
  setDvalVote(vote: DvalVote): void;
  /** A signed transaction that proposes a set; `refund` null: to the node's own address. @throws FundingError */
  createProposal(proposal: Uint8Array, refund: Destination | null): FundedTransaction;
  createReveal(salt: Uint8Array, shard: Uint8Array): FundedTransaction;
  /** Makes the node mine one block now (test clocks only) and gives its id. */
  mineBlock(): Promise<Hex32>;
  /** Sets the clock of networks with a test clock, Unix seconds. */
  setClock(unixSeconds: number): void;
  addPeer(address: string): void;
  disconnectPeer(id: number): boolean;
  stop(): void;
}
