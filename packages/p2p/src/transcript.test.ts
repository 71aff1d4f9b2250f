// The example of P2P-33, byte for byte: what another implementation would compare itself with.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeFrame, magicBytes } from './frame.ts';
import { hostBudget, hostRates } from './host-limits.ts';
import { MessageCodec } from './messages/message.ts';
import { PeerSession, type SessionAction } from './peer-session.ts';
import { testNetwork, testVersion } from './testing/session-pair.ts';

const handshake = [
  '5dfedd3b6bd47f6fa28ee15d969d5bb0ea53774d488bdaf9df1c6e0124b3ef22',
  'ac01b2209e86354fb853237b5de0f4fab13c7fcbf433a61c019369617fecf10b85e987f334561c4942a61ab2cce4d2176528515ce90a44cc982d339ea8098552b83764dffffd014aec9440d4a66f44955a26d4a81cad5bf365922afd28959000',
  'c3e615be84281bf0e2732370ffa2becd8110548e0d540bb01de64834d81268f32c4c6c2559d5bccc32924af7001188581324a8077e66296c8a3f6b8497e5d87a',
];
const frame =
  '584e455476657273696f6e000000000067000000b53aec3201000000abababababababababababababababababababababababababababababababab0100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000100000000000000082f746573743a312f839a';
const packet =
  '2ffb9a6bd83043e395620b9dbaa7d499f4ee708cf2134f6dc291b5ce096e5b8b37f562dec10057b10d885b5ecfc9421304bf98188dcf9cc818b8cc539c5064392671ef63a0f88dfdf94d839ad1ad02988a0039d90276338d80fd9ebbdbbbaca014aa23ac81c21506b3dcd0ff327a8572c7ceb6288138e4eeb3f80135ceb26b408133e2b5998567aa29b8709bbca52526374796c3bbf50dc675ef3c1da32d151063';

function session(initiator: boolean): PeerSession {
  return new PeerSession({
    initiator,
    network: testNetwork,
    staticSecret: new Uint8Array(32).fill(initiator ? 1 : 2),
    ephemeralSecret: new Uint8Array(32).fill(initiator ? 3 : 4),
    version: testVersion(initiator ? 1n : 2n),
    announced: hostBudget(hostRates, 0).announced,
    nowMs: 0,
  });
}

const sent = (actions: readonly SessionAction[]): string[] =>
  actions.flatMap((action) => (action.type === 'send' ? [Buffer.from(action.bytes).toString('hex')] : []));

const receive = (side: PeerSession, hex: string): string[] =>
  sent(side.step({ type: 'bytes', bytes: Buffer.from(hex, 'hex') }, 0));

test('a connection begins with the bytes of the example in the specification', () => {
  const [initiator, responder] = [session(true), session(false)];
  const [first, second, third] = handshake;
  assert.deepEqual(receive(initiator, ''), [first]);
  assert.deepEqual(receive(responder, first ?? ''), [second]);
  assert.deepEqual(receive(initiator, second ?? ''), [third, packet]);
  receive(responder, third ?? '');
  receive(responder, packet);
  const codec = new MessageCodec(testNetwork);
  const version = codec.encode({ command: 'version', body: testVersion(1n) });
  assert.equal(Buffer.from(encodeFrame(magicBytes('XNET'), 'version', version)).toString('hex'), frame);
});
