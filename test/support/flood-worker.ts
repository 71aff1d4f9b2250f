// The floods in a thread of their own: making junk must not delay the honest peer of the same test.

import { parentPort, workerData } from 'node:worker_threads';
import { decode } from '@resonancenet/bytes/decode';
import { parseNetworkParams } from '@resonancenet/params/network-file';
import { type BlockHeader, headerCodec } from '@resonancenet/primitives/header';
import { Flooder } from './flooder.ts';
import { loopbackHost } from './loopback-host.ts';

export interface FloodWorkerData {
  /** The network's file as text. */
  readonly network: string;
  readonly port: number;
  readonly peers: number;
  /** Over all peers. */
  readonly headersPerSecond: number;
  /** All from one host, or a new host for every connection. */
  readonly oneHost: boolean;
}

/** `tip`: the header to build on, encoded. */
export type FloodRequest = { readonly type: 'tip'; readonly header: Uint8Array } | { readonly type: 'stop' };

/** The answer to `stop`. */
export interface FloodTally {
  readonly headersSent: number;
  readonly connections: number;
}

const port = parentPort;
if (port !== null) {
  const { network, port: nodePort, peers, headersPerSecond, oneHost } = workerData as FloodWorkerData;
  const parsed = parseNetworkParams(network);
  if (!parsed.ok) throw new Error(parsed.message);
  const { params } = parsed;
  let tip: BlockHeader | null = null;
  let hosts = 0;
  const flooders = Array.from(
    { length: peers },
    (_, seed) =>
      new Flooder({
        params,
        port: nodePort,
        tip: () => tip!,
        headersPerSecond: headersPerSecond / peers,
        nextHost: () => {
          hosts += 1;
          return oneHost ? '127.0.0.1' : loopbackHost(hosts);
        },
        seed,
      }),
  );
  port.on('message', (request: FloodRequest) => {
    if (request.type === 'tip') {
      const isFirst = tip === null;
      const read = decode(headerCodec, request.header);
      if (!read.ok) throw new Error(read.error.message);
      tip = read.value;
      if (isFirst) for (const flooder of flooders) flooder.start();
      return;
    }
    for (const flooder of flooders) flooder.stop();
    const sum = (of: (flooder: Flooder) => number): number => flooders.reduce((total, each) => total + of(each), 0);
    port.postMessage({
      headersSent: sum((flooder) => flooder.sent),
      connections: sum((flooder) => flooder.connections),
    } satisfies FloodTally);
    port.close();
  });
}
