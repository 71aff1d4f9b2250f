// Paying with patience: the wallet is unlocked for the payment, coins that were mined may ripen first, and the command ends when a block has it.

import { setTimeout } from 'node:timers/promises';
import { SignerClient } from '@resonancenet/signer/signer-client';
import type { Command } from 'commander';
import { RpcFailure } from '../rpc-client.ts';
import { askSigner, jobPlace, walletPlace } from './wallet-place.ts';
import type { Ask } from './wallet-verb.ts';

export interface PatientOptions {
  readonly wallet?: string;
  readonly account?: number;
  readonly unlock?: boolean;
  readonly wait?: boolean;
  readonly secretsFd?: number;
}

/** Of Bitcoin Core's numbers: the coins do not suffice. */
const INSUFFICIENT_FUNDS = -6;

const ASK_EVERY_MS = 500;

/** Coins may take long to ripen: the signer ends with the command, or after this. */
const UNLOCKED_SECONDS = 3_600;

export function addPatienceOptions(command: Command): void {
  command.option(
    '--wait',
    'until there are coins enough, mined ones being ripe, and then until a block has the payment',
  );
  command.option('--unlock', 'unlock the wallet for this payment, and lock it afterwards');
}

/** What the payment gave, and where it is confirmed if that was awaited. */
export async function payPatiently<T extends { readonly txid?: string }>(
  ask: Ask,
  pay: () => Promise<T>,
  options: PatientOptions,
  command: Command,
): Promise<T & { readonly blockheight?: number }> {
  const unlocked = options.unlock === true ? await unlockFor(options, command) : null;
  try {
    const paid = await (options.wait === true ? whenRipe(ask, pay, options) : pay());
    if (options.wait !== true || paid.txid === undefined) return paid;
    return { ...paid, blockheight: await confirmed(ask, paid.txid) };
  } finally {
    await unlocked?.lock();
  }
}

/** null: somebody has unlocked it before, and it stays so. */
async function unlockFor({ wallet, secretsFd }: PatientOptions, command: Command): Promise<SignerClient | null> {
  const place = walletPlace(command, wallet);
  const client = new SignerClient(place.name, place.folder);
  const { isUnlocked } = await client.status();
  if (isUnlocked) return null;
  await askSigner({ kind: 'unlock', ...jobPlace(place), seconds: UNLOCKED_SECONDS }, secretsFd);
  return client;
}

/** Pays as soon as there are coins enough; says what it waits for. */
async function whenRipe<T>(ask: Ask, pay: () => Promise<T>, { account }: PatientOptions): Promise<T> {
  for (let isTold = false; ; isTold = true) {
    try {
      return await pay();
    } catch (error) {
      if (!(error instanceof RpcFailure) || error.code !== INSUFFICIENT_FUNDS) throw error;
      if (!isTold) console.error(await coinsOnTheirWay(ask, account));
      await setTimeout(ASK_EVERY_MS);
    }
  }
}

async function coinsOnTheirWay(ask: Ask, account: number | undefined): Promise<string> {
  const balances = await ask<Record<string, string>>('getbalances', account === undefined ? {} : { account });
  const { confirmed: free, immature, pending, incoming } = balances;
  const parts = [`${free} RNT can be spent`];
  if (immature !== '0') parts.push(`${immature} RNT were mined and ripen`);
  for (const amount of [pending, incoming]) if (amount !== '0') parts.push(`${amount} RNT are in no block yet`);
  return `Waiting for coins: ${parts.join(', ')} (Ctrl-C: nothing is sent).`;
}

/** Height of the block that has it. */
async function confirmed(ask: Ask, txid: string): Promise<number> {
  console.error(`Sent as ${txid}; waiting for a block (Ctrl-C leaves the payment on its way).`);
  for (;;) {
    const { confirmations, blockheight } = await ask<{ confirmations: number; blockheight?: number }>(
      'gettransaction',
      [txid],
    );
    if (confirmations > 0 && blockheight !== undefined) return blockheight;
    await setTimeout(ASK_EVERY_MS);
  }
}
