// What commands that begin with the signer ask of the running node, if there is one.

import { setTimeout } from 'node:timers/promises';
import { callRpc, NoNodeError, RpcFailure } from '../rpc-client.ts';
import type { WalletPlace } from './wallet-place.ts';

/** Of Bitcoin Core's numbers: the node has no such method. */
const METHOD_NOT_FOUND = -32601;

/** How often a long reading of the chain is looked at. */
const LOOK_EVERY_MS = 500;

/** How far a wallet has read the chain, as getwalletinfo tells it. */
export interface ScanInfo {
  readonly lastprocessedblock: { readonly height: number } | null;
  readonly scanning:
    | false
    | { readonly height: number; readonly tipHeight: number; readonly secondsLeft: number | null };
}

/** Asks about the wallet. @throws NoNodeError, RpcFailure */
export async function askWallet<T>({ node, name }: WalletPlace, method: string, params: unknown = []): Promise<T> {
  return (await callRpc(node.target, method, params, `/wallet/${encodeURIComponent(name)}`)) as T;
}

/** Whether the running node has taken the wallet up. Without a node the next start does. */
export async function loadInNode({ node, name }: WalletPlace): Promise<boolean> {
  try {
    await callRpc(node.target, 'loadwallet', [name]);
    return true;
  } catch (error) {
    if (error instanceof NoNodeError) return false;
    if (!(error instanceof RpcFailure)) throw error;
    if (error.code !== METHOD_NOT_FOUND) console.error(`rnt: the node does not load the wallet: ${error.message}`);
    return false;
  }
}

/** Tells how far the node is with reading the chain for the wallet until it is done; the height that it has. Stopping it does not stop the node. */
export async function followScan(info: () => Promise<ScanInfo>): Promise<number | null> {
  for (let shown = ''; ; ) {
    const now = await info();
    if (now.scanning === false) return now.lastprocessedblock?.height ?? null;
    const line = progressLine(now);
    if (line !== shown) console.error(line);
    shown = line;
    await setTimeout(LOOK_EVERY_MS);
  }
}

export function progressLine({ scanning, lastprocessedblock }: ScanInfo): string {
  if (scanning === false) return `has read the chain up to block ${lastprocessedblock?.height ?? 0}`;
  const left = scanning.secondsLeft === null ? '' : `, about ${scanning.secondsLeft} s left`;
  return `reads block ${scanning.height} of ${scanning.tipHeight}${left}`;
}
