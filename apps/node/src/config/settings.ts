// Every setting of the node, once: name, type, default and help. A setting may be given as a flag (--log-level), in the environment
// (RNT_LOG_LEVEL) or in the configuration file (log-level = info); the flag wins over the environment, that over the file, that over the default.

import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { mempoolLimits } from '@resonancenet/mempool/mempool-limits';
import { z } from 'zod';

/** All settings that can be given; those without a default here follow from the network (node-config.ts). */
export interface SettingValues {
  network: string;
  'network-file': string;
  'data-dir': string;
  instance: number;
  mine: boolean;
  data: string[];
  'pay-to': string;
  'vote-for': string;
  'vote-against': string;
  threads: number;
  backend: string;
  connect: string[];
  listen: boolean;
  bind: string;
  port: number;
  'rpc-bind': string;
  'rpc-port': number;
  archive: boolean;
  txindex: boolean;
  reindex: boolean;
  'load-snapshot': string;
  'snapshot-hash': string;
  'mempool-size': number;
  'mempool-expiry': number;
  'min-relay-fee': number;
  'persist-mempool': boolean;
  'log-level': string;
  'log-json': boolean;
}

export type SettingName = keyof SettingValues;

type Defaulted = Exclude<
  SettingName,
  | 'network-file'
  | 'pay-to'
  | 'vote-for'
  | 'vote-against'
  | 'port'
  | 'rpc-port'
  | 'load-snapshot'
  | 'snapshot-hash'
  | 'min-relay-fee'
>;

/** How a setting's text becomes a value. `list` settings may be repeated as flags; elsewhere they are separated by commas. */
export interface Setting<T> {
  readonly kind: 'text' | 'number' | 'boolean' | 'list';
  readonly schema: z.ZodType<T>;
  readonly help: string;
  /** Shown in --help for the value; absent for switches. */
  readonly value?: string;
}

const text = (help: string, value: string, schema: z.ZodType<string> = z.string().min(1)): Setting<string> => ({
  kind: 'text',
  schema,
  help,
  value,
});
const flag = (help: string): Setting<boolean> => ({ kind: 'boolean', schema: z.boolean(), help });
const list = (help: string, value: string): Setting<string[]> => ({
  kind: 'list',
  schema: z.array(z.string().min(1)),
  help,
  value,
});
const whole = (help: string, least: number, most: number): Setting<number> => ({
  kind: 'number',
  schema: z.number().int().min(least).max(most),
  help,
  value: 'n',
});

const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');

const port = (help: string): Setting<number> => whole(help, 0, 65535);

export const settings: { readonly [Name in SettingName]: Setting<SettingValues[Name]> } = {
  network: text('network to join: mainnet, testnet, devnet, regtest, growtest', 'name'),
  'network-file': text('parameter object of a network of your own (rnt network create)', 'file'),
  'data-dir': text('where everything is kept', 'folder'),
  instance: whole('number of this node on this machine: its own folder and ports; joins instance 1', 1, 99),
  mine: flag('train and mine'),
  data: list(
    'text to train on: file, folder or glob; may be repeated (default on devnet: the embedded corpus)',
    'path',
  ),
  'pay-to': text('address that block rewards go to (default: a key of this node)', 'address'),
  'vote-for': text('proposal of a validation set that mined blocks vote for', 'hash', hashSchema),
  'vote-against': text('proposal of a validation set that mined blocks vote against', 'hash', hashSchema),
  threads: whole('threads to compute with', 1, 256),
  backend: text('auto, wasm or reference', 'name'),
  connect: list('peer to connect to, host:port; may be repeated', 'host:port'),
  listen: flag('accept connections of peers'),
  bind: text('address to listen on for peers', 'host'),
  port: port('port for peers'),
  'rpc-bind': text('address of the RPC server', 'host'),
  'rpc-port': port('port of the RPC server'),
  archive: flag('keep every checkpoint'),
  txindex: flag('keep where every transaction of the chain stands (later on: with --reindex)'),
  reindex: flag('rebuild the state of the ledger from the stored blocks before starting'),
  'load-snapshot': text('take the state of the ledger from this file before starting; with --snapshot-hash', 'file'),
  'snapshot-hash': text('state hash that the snapshot must have', 'hash', hashSchema),
  'mempool-size': whole('most unconfirmed transactions, in megabytes with what is kept about them', 1, 10_000),
  'mempool-expiry': whole('hours after which an unconfirmed transaction is dropped', 1, 100_000),
  'min-relay-fee': whole(
    'least fee in resonances per byte that is relayed and mined here; not below that of the network',
    0,
    1_000_000_000,
  ),
  'persist-mempool': flag('keep the unconfirmed transactions over restarts'),
  'log-level': text('error, warn, info, debug or trace', 'level', z.enum(['error', 'warn', 'info', 'debug', 'trace'])),
  'log-json': flag('log JSON lines'),
};

/** Values that do not depend on the network; the others' defaults follow from it (node-config.ts). */
export const defaults: Readonly<Pick<SettingValues, Defaulted>> = {
  network: 'devnet',
  'data-dir': join(homedir(), '.resonancenet'),
  instance: 1,
  mine: false,
  data: [],
  backend: 'auto',
  connect: [],
  listen: true,
  bind: '127.0.0.1',
  'rpc-bind': '127.0.0.1',
  archive: false,
  txindex: false,
  reindex: false,
  'mempool-size': mempoolLimits.maxBytes / 1_000_000,
  'mempool-expiry': mempoolLimits.expiryHours,
  'persist-mempool': true,
  'log-level': 'info',
  'log-json': false,
  threads: Math.max(1, availableParallelism()),
};
