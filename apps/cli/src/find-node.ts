// Where the running node is, by the settings that it was started with.

import { join } from 'node:path';
import { nodeConfig } from '@resonancenet/node/config/node-config';
import type { PartialSettings } from '@resonancenet/node/config/read-settings';
import type { SettingName } from '@resonancenet/node/config/settings';
import type { RpcTarget } from './rpc-client.ts';

/** Settings of the node that say where it is. */
export const NODE_PLACES: readonly SettingName[] = [
  'data-dir',
  'network',
  'network-file',
  'instance',
  'rpc-bind',
  'rpc-port',
];

export interface WantedNode {
  readonly target: RpcTarget;
  /** Name of its network. */
  readonly network: string;
  /** The command that starts it. */
  readonly start: string;
}

export function findNode(given: PartialSettings): WantedNode {
  const { params, rpc, folder, instance } = nodeConfig(given);
  // An address to listen on for all is none to connect to.
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  const network =
    given['network-file'] === undefined ? `--network ${given.network}` : `--network-file ${given['network-file']}`;
  return {
    target: { host: everywhere[rpc.host] ?? rpc.host, port: rpc.port, cookieFile: join(folder, '.cookie') },
    network: params.name,
    start: `rnt node ${network}${instance === 1 ? '' : ` --instance ${instance}`}`,
  };
}
