// What happens in a node, for logs and for people: one closed list.

import type { Hex32 } from '@resonancenet/chain/events';

export type NodeNews =
  | {
      readonly type: 'started';
      readonly network: string;
      readonly height: number;
      readonly valLoss: number;
      readonly folder: string;
    }
  | {
      readonly type: 'tip';
      readonly hash: Hex32;
      readonly height: number;
      readonly valLoss: number;
      readonly parentLoss: number;
      readonly dModel: number;
      readonly nLayers: number;
      readonly ours: boolean;
      /** What the block pays, resonances in decimal. */
      readonly reward: string;
      readonly disconnected: number;
    }
  | { readonly type: 'final'; readonly height: number }
  | { readonly type: 'verified'; readonly hash: Hex32; readonly height: number; readonly ms: number }
  | { readonly type: 'not-active'; readonly hash: Hex32; readonly reason: string }
  | {
      readonly type: 'refused';
      readonly code: string;
      readonly hash: Hex32 | null;
      readonly peer: string | null;
      readonly detail: string;
    }
  | { readonly type: 'alarm'; readonly reason: string }
  | { readonly type: 'peer'; readonly state: 'ready' | 'gone'; readonly address: string; readonly detail: string }
  | { readonly type: 'mining'; readonly mining: boolean; readonly reason: string }
  /** What became of a candidate of ours that was not published, with both numbers. */
  | { readonly type: 'miner'; readonly line: string }
  | { readonly type: 'evaluation-failed'; readonly detail: string }
  /** Before the node is up: the state of the ledger is made anew from the stored blocks. */
  | {
      readonly type: 'rebuilding';
      readonly height: number;
      readonly tipHeight: number;
      /** null until the pace is known. */
      readonly secondsLeft: number | null;
    }
  | { readonly type: 'rebuilt'; readonly height: number }
  | { readonly type: 'rebuild-stopped'; readonly height: number; readonly tipHeight: number }
  /** What a wallet has to tell its owner. */
  | { readonly type: 'wallet'; readonly wallet: string; readonly line: string }
  | { readonly type: 'stopping' };
