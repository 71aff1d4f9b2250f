// Which wallet is meant, and of which network: by the node's own settings.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '@resonancenet/bytes/decode';
import { walletNameProblem, type WalletRecord, walletRecordCodec } from '@resonancenet/keys/wallet-record';
import { nodeConfig } from '@resonancenet/node/config/node-config';
import { readSettings } from '@resonancenet/node/config/read-settings';
import { settings } from '@resonancenet/node/config/settings';
import { serialiseNetworkParams } from '@resonancenet/params/network-file';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { SignerFailure, runSignerJob, type SignerStart } from '@resonancenet/signer/start-signer';
import type { Command } from 'commander';
import { Interrupted, UsageError } from '../errors.ts';
import { findNode, NODE_PLACES, type WantedNode } from '../find-node.ts';
import { typedFlags } from '../node/node-options.ts';
import { wholeNumber } from '../options.ts';

/** The name of a wallet when nobody gives one. */
export const USUAL_NAME = 'main';

export interface WalletPlace {
  readonly name: string;
  readonly params: NetworkParams;
  /** Of the network. */
  readonly networkFolder: string;
  /** Of the wallet. */
  readonly folder: string;
  readonly node: WantedNode;
  /** The options that say so, for commands that are shown. */
  readonly networkOption: string;
}

/** Options that say where the wallets are. */
export function addPlaceOptions(command: Command): Command {
  for (const name of NODE_PLACES) command.option(`--${name} <${settings[name].value}>`, settings[name].help);
  return command;
}

export function addSecretsOption(command: Command): Command {
  return command.option(
    '--secrets-fd <n>',
    'read secrets from this file descriptor, one line each, instead of the terminal',
    wholeNumber(0, 255),
  );
}

/** The wallet that is named, or the only one, or the usual one. */
export function walletPlace(command: Command, given: string | undefined): WalletPlace {
  const values = readSettings(typedFlags(command), process.env);
  const { params, folder: networkFolder } = nodeConfig(values);
  const name = given ?? onlyWallet(networkFolder) ?? USUAL_NAME;
  const problem = walletNameProblem(name);
  if (problem !== null) throw new UsageError(`'${name.slice(0, 80)}' is no name of a wallet: ${problem}.`);
  const file = values['network-file'];
  return {
    name,
    params,
    networkFolder,
    folder: join(networkFolder, 'wallets', name),
    node: findNode(values),
    networkOption: file === undefined ? `--network ${params.name}` : `--network-file ${file}`,
  };
}

function onlyWallet(networkFolder: string): string | null {
  const folder = join(networkFolder, 'wallets');
  if (!existsSync(folder)) return null;
  const names = readdirSync(folder).filter((name) => walletNameProblem(name) === null);
  if (names.length < 2) return names[0] ?? null;
  throw new UsageError(`There are ${names.length} wallets (${names.sort().join(', ')}): name the one that is meant.`);
}

/** The public record of a wallet. @throws UsageError */
export function recordOf({ name, folder }: Pick<WalletPlace, 'name' | 'folder'>): WalletRecord {
  const path = join(folder, 'public');
  if (!existsSync(path))
    throw new UsageError(`There is no wallet '${name}': ${path} is missing. Make one with rnt wallet create.`);
  const result = decode(walletRecordCodec, new Uint8Array(readFileSync(path)));
  if (result.ok) return result.value;
  throw new UsageError(`${path} is damaged. Unlocking the wallet (rnt wallet unlock ${name}) mends it.`);
}

/** What every job has: which wallet, by which network. */
export function jobPlace({ name, params, networkFolder }: WalletPlace): {
  readonly folder: string;
  readonly name: string;
  readonly network: string;
} {
  return { folder: networkFolder, name, network: serialiseNetworkParams(params) };
}

/** Runs the signer in this terminal. @throws SignerFailure; Interrupted if the person stopped it */
export async function askSigner(
  job: SignerStart['job'],
  secretsFd: number | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const work = runSignerJob({ job, secretsFd: secretsFd ?? null });
  return await orInterrupted(secretsFd === undefined ? work : patiently(work));
}

/** A passphrase may cost so much that it takes seconds. At the terminal the signer says so itself. */
async function patiently<T>(work: Promise<T>): Promise<T> {
  const started = performance.now();
  const timer = setInterval(() => {
    console.error(`the signer works: ${Math.round((performance.now() - started) / 1_000)} s`);
  }, 2_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

/** What a signer gives. @throws SignerFailure; Interrupted if the person stopped it */
export async function orInterrupted<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SignerFailure && error.code === 'interrupted') throw new Interrupted(error.message);
    throw error;
  }
}
