// How long blocks take, so that numbers of them can be told in days.

import { callRpc, NoNodeError, RpcFailure } from '../rpc-client.ts';
import type { WalletPlace } from './wallet-place.ts';

/** What the running node knows; without one, what the network promises at the least. */
export interface ChainNow {
  /** null: no node answers. */
  readonly height: number | null;
  readonly secondsPerBlock: number;
  /** Whether the seconds were measured on the last blocks. */
  readonly isMeasured: boolean;
}

/** Blocks that are looked back. */
const MEASURED = 100;

export async function chainNow({ params, node }: WalletPlace): Promise<ChainNow> {
  const unknown: ChainNow = { height: null, secondsPerBlock: params.spacingBase, isMeasured: false };
  try {
    const { blocks } = (await callRpc(node.target, 'getblockchaininfo', [])) as { readonly blocks: number };
    if (blocks < 2) return { ...unknown, height: blocks };
    const first = Math.max(1, blocks - MEASURED);
    const seconds = (await timeAt(node.target, blocks)) - (await timeAt(node.target, first));
    return { height: blocks, secondsPerBlock: Math.max(0, seconds) / (blocks - first), isMeasured: true };
  } catch (error) {
    // Wallets are made without a node too; then nothing is known of its chain.
    if (error instanceof NoNodeError || error instanceof RpcFailure) return unknown;
    throw error;
  }
}

async function timeAt(target: WalletPlace['node']['target'], height: number): Promise<number> {
  const hash = await callRpc(target, 'getblockhash', [height]);
  const header = (await callRpc(target, 'getblockheader', [hash])) as { readonly time: number };
  return header.time;
}

/** `52560 blocks, about 365 days`; without a time where the network sets none. */
export function blocksText(blocks: number, { secondsPerBlock, isMeasured }: ChainNow): string {
  const seconds = blocks * secondsPerBlock;
  return seconds < 1
    ? `${blocks} blocks`
    : `${blocks} blocks, ${isMeasured ? 'about' : 'at least'} ${timeText(seconds)}`;
}

/** `3.5 days`; minutes where it is less than a tenth of one, seconds where it is less than two of these. */
export function timeText(seconds: number): string {
  const days = seconds / 86_400;
  if (days >= 10) return `${Math.round(days)} days`;
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  return days >= 0.1 ? `${days.toFixed(1)} days` : `${Math.ceil(seconds / 60)} minutes`;
}
