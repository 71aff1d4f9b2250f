// A peer in a process of its own that serves blocks to a node: headers and bodies, no checkpoints. Arguments: port, file of the blocks. It ends with its
// input.

import { readFileSync } from 'node:fs';
import { decode } from '@resonancenet/bytes/decode';
import { toHex } from '@resonancenet/bytes/hex';
import type { PeerMessage } from '@resonancenet/p2p/messages/message';
import { regtest } from '@resonancenet/params/regtest';
import { blockId } from '@resonancenet/primitives/header';
import { listenForNode, type ScriptedPeer } from '../../test/support/scripted-peer.ts';
import { blocksCodec } from './spending-blocks.ts';

const [port = '0', file = ''] = process.argv.slice(2);
const decoded = decode(blocksCodec, readFileSync(file));
if (!decoded.ok) throw decoded.error;
const headers = decoded.value.map(({ header }) => header);
const bodies = new Map(decoded.value.map(({ header, body }) => [toHex(blockId(header)), body]));
const ids = [...bodies.keys()];

function answer(message: PeerMessage, peer: ScriptedPeer): void {
  switch (message.command) {
    case 'getheaders': {
      const { request, locator } = message.body;
      const common = Math.max(-1, ...locator.map((id) => ids.indexOf(id)));
      peer.send({ command: 'headers', body: { request, headers: headers.slice(common + 1) } });
      return;
    }
    case 'getbody': {
      const { blockId: id } = message.body;
      const bytes = bodies.get(id);
      if (bytes !== undefined) peer.send({ command: 'body', body: { blockId: id, bytes } });
      return;
    }
    case 'getchunk': {
      const { root, index } = message.body;
      peer.send({ command: 'notfound', body: { what: 'chunk', id: root, index } });
      return;
    }
    default:
  }
}

const server = await listenForNode(Number(port), { params: regtest, mind: answer });
console.log('listening');
process.stdin.on('end', () => {
  server.close();
  process.exit(0);
});
process.stdin.resume();
