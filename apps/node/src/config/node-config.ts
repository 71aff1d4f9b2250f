// Settings -> everything a node needs to know before it starts.

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fromHex } from '@resonancenet/bytes/hex';
import { parseNetworkParams } from '@resonancenet/params/network-file';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { networkByName, networks } from '@resonancenet/params/networks';
import { parseAddress } from '@resonancenet/primitives/address';
import type { Destination } from '@resonancenet/primitives/destination';
import { type DvalVote, NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { ConfigError, type PartialSettings } from './read-settings.ts';

export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** The pool of unconfirmed transactions. */
export interface PoolConfig {
  /** Kept over restarts. */
  readonly persist: boolean;
  readonly maxMegabytes: number;
  readonly expiryHours: number;
  /** Resonances per byte. */
  readonly minRelayFee: number;
}

export interface NodeConfig {
  readonly params: NetworkParams;
  /** Folder of the D_vals of a network of one's own; null for committed networks. */
  readonly suppliedDvals: string | null;
  /** Everything of this node on this network. */
  readonly folder: string;
  readonly instance: number;
  readonly mine: boolean;
  /** Patterns of text to train on; empty for the embedded corpus. */
  readonly data: readonly string[];
  /** null: the node's own miner key. */
  readonly payTo: Destination | null;
  /** How this node's blocks vote on a proposed validation set. */
  readonly dvalVote: DvalVote;
  readonly threads: number;
  readonly backend: string;
  readonly connect: readonly PeerAddress[];
  readonly listen: { readonly host: string; readonly port: number } | null;
  readonly rpc: { readonly host: string; readonly port: number };
  readonly archive: boolean;
  /** Keep where every transaction of the chain stands. */
  readonly transactionIndex: boolean;
  /** Rebuild the state of the ledger from the stored blocks before starting. */
  readonly reindex: boolean;
  /** Take the state of the ledger from this file before starting; `stateHash` is what the operator trusts. */
  readonly snapshot: { readonly file: string; readonly stateHash: Uint8Array } | null;
  readonly pool: PoolConfig;
  readonly logLevel: string;
  readonly logJson: boolean;
}

/** Ports of instance n lie this much above those of instance n - 1; the three ports of a network are neighbours. */
const portsPerInstance = 10;

/** The opposite of parsePeerAddress. */
export function addressText(peer: PeerAddress): string {
  return peer.host.includes(':') ? `[${peer.host}]:${peer.port}` : `${peer.host}:${peer.port}`;
}

/** host:port, [v6]:port, or host alone with the network's port. */
export function parsePeerAddress(text: string, defaultPort: number): PeerAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (host === undefined || port < 1 || port > 65535)
    throw new ConfigError(
      `--connect ${text}: give host:port, for example 127.0.0.1:${defaultPort} or [::1]:${defaultPort}.`,
    );
  return { host, port };
}

function networkOf(settings: PartialSettings): {
  readonly params: NetworkParams;
  readonly suppliedDvals: string | null;
} {
  const file = settings['network-file'];
  if (file !== undefined) {
    if (!existsSync(file))
      throw new ConfigError(`--network-file ${file} does not exist. Make one with rnt network create.`);
    const parsed = parseNetworkParams(readFileSync(file, 'utf8'));
    if (!parsed.ok) throw new ConfigError(`--network-file ${file}: ${parsed.path}: ${parsed.message}.`);
    return { params: parsed.params, suppliedDvals: resolve(`${file}.dvals`) };
  }
  const params = networkByName(settings.network);
  if (params === null)
    throw new ConfigError(
      `--network ${settings.network}: there is no such network. There are: ${networks.map((n) => n.name).join(', ')}.`,
    );
  return { params, suppliedDvals: null };
}

function destinationOf(address: string | undefined, params: NetworkParams): Destination | null {
  if (address === undefined) return null;
  const parsed = parseAddress(params, address);
  if (!parsed.ok) throw new ConfigError(`--pay-to ${address}: ${parsed.detail}`);
  return parsed.destination;
}

/** A header has one vote. */
function voteOf(inFavour: string | undefined, against: string | undefined): DvalVote {
  if (inFavour !== undefined && against !== undefined)
    throw new ConfigError('--vote-for and --vote-against: a block has one vote. Give one of them.');
  if (inFavour !== undefined) return { kind: 'for', proposal: fromHex(inFavour) };
  return against === undefined ? NO_VOTE : { kind: 'against', proposal: fromHex(against) };
}

/** A file of anybody's proves nothing without the hash. */
function snapshotOf(settings: PartialSettings): NodeConfig['snapshot'] {
  const [file, hash] = [settings['load-snapshot'], settings['snapshot-hash']];
  if (file === undefined && hash === undefined) return null;
  if (file === undefined || hash === undefined)
    throw new ConfigError('--load-snapshot and --snapshot-hash: give the file and the state hash that you trust.');
  if (settings.txindex)
    throw new ConfigError(
      '--load-snapshot: an index of transactions needs all blocks. Leave --txindex away, or use --reindex.',
    );
  return { file: resolve(file), stateHash: fromHex(hash) };
}

function poolOf(settings: PartialSettings, params: NetworkParams): PoolConfig {
  const minRelayFee = settings['min-relay-fee'] ?? params.minRelayFee;
  if (minRelayFee < params.minRelayFee)
    throw new ConfigError(
      `--min-relay-fee ${minRelayFee}: network '${params.name}' relays nothing below ${params.minRelayFee} resonances per byte. Give that or more.`,
    );
  return {
    persist: settings['persist-mempool'],
    maxMegabytes: settings['mempool-size'],
    expiryHours: settings['mempool-expiry'],
    minRelayFee,
  };
}

/** @throws ConfigError naming the setting and what would be right */
export function nodeConfig(settings: PartialSettings): NodeConfig {
  const { params, suppliedDvals } = networkOf(settings);
  const { instance } = settings;
  const shift = portsPerInstance * (instance - 1);
  const folder = join(resolve(settings['data-dir']), instance === 1 ? params.name : `${params.name}-${instance}`);
  const connect = settings.connect.map((text) => parsePeerAddress(text, params.ports.p2p));
  // A further instance on this machine joins the first without being told.
  if (instance > 1 && connect.length === 0) connect.push({ host: '127.0.0.1', port: params.ports.p2p });
  return {
    params,
    suppliedDvals,
    folder,
    instance,
    mine: settings.mine,
    data: settings.data,
    payTo: destinationOf(settings['pay-to'], params),
    dvalVote: voteOf(settings['vote-for'], settings['vote-against']),
    threads: settings.threads,
    backend: settings.backend,
    connect,
    listen: settings.listen ? { host: settings.bind, port: settings.port ?? params.ports.p2p + shift } : null,
    rpc: { host: settings['rpc-bind'], port: settings['rpc-port'] ?? params.ports.rpc + shift },
    archive: settings.archive,
    transactionIndex: settings.txindex,
    reindex: settings.reindex,
    snapshot: snapshotOf(settings),
    pool: poolOf(settings, params),
    logLevel: settings['log-level'],
    logJson: settings['log-json'],
  };
}
