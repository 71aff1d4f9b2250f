// An unlocked wallet answers on its socket until it is locked or its time is over: then its process ends, and the keys with it.

import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { SignerError } from '../signer-error.ts';
import type { OpenedWallet } from './opened-wallet.ts';
import { FrameReader, frameOf, type SignerAnswer, signerAnswerCodec, signerRequestCodec } from './signer-protocol.ts';
import { MAX_SOCKET_PATH } from './socket-path.ts';

/** A question has to be there after so long, and its answer taken. */
const PATIENCE_MS = 30_000;
const MOST_CONNECTIONS = 8;

/** How often the clock is looked at: a machine that slept does not fire timers in time. */
const LOOK_EVERY_MS = 1_000;

export interface ServingParts {
  readonly wallet: OpenedWallet;
  readonly path: string;
  /** Unix milliseconds; null: until it is locked. */
  readonly locksAtUnixMs: number | null;
  /** Ends the process. */
  end(): void;
}

/** Answers from when it resolves. @throws SignerError; errors of the system */
export async function serve(parts: ServingParts): Promise<void> {
  const { path, locksAtUnixMs } = parts;
  if (process.platform !== 'win32') {
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH)
      throw new SignerError(
        'path-too-long',
        `${path} is too long for a socket (${MAX_SOCKET_PATH} bytes). Choose a data directory with a shorter path.`,
      );
    // Whoever left it there is gone: the caller holds the wallet's lock.
    rmSync(path, { force: true });
  }
  const server = createServer({ allowHalfOpen: true }, (socket) => answerOn(socket, parts));
  server.maxConnections = MOST_CONNECTIONS;
  await listening(server, path);
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  if (locksAtUnixMs === null) return;
  const started = performance.now();
  const lasts = locksAtUnixMs - Date.now();
  setInterval(() => {
    if (Date.now() >= locksAtUnixMs || performance.now() - started >= lasts) parts.end();
  }, LOOK_EVERY_MS);
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function answerOn(socket: Socket, parts: ServingParts): void {
  const frames = new FrameReader();
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  // The asker went away; there is nobody to tell.
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.destroy());
  socket.on('data', (part: Buffer) => {
    const frame = frames.add(part);
    if (frame === null) return;
    socket.pause();
    const answer = frame === 'refused' ? tooLong : answerTo(frame, parts);
    const bytes = frameOf(encode(signerAnswerCodec, answer));
    if (answer.kind === 'locked') socket.write(bytes, () => parts.end());
    else socket.end(bytes);
  });
}

const tooLong: SignerAnswer = { kind: 'refused', detail: 'the question is too long' };

function answerTo(message: Uint8Array, { wallet, locksAtUnixMs }: ServingParts): SignerAnswer {
  const decoded = decode(signerRequestCodec, message);
  if (!decoded.ok) return { kind: 'refused', detail: `the question cannot be read: ${decoded.error.message}` };
  const request = decoded.value;
  switch (request.kind) {
    case 'status':
      return {
        kind: 'status',
        fingerprint: wallet.fingerprint,
        locksAtUnixMs: locksAtUnixMs === null ? null : BigInt(locksAtUnixMs),
      };
    case 'window':
      return wallet.window(request);
    case 'sign':
      return wallet.sign(request.rntp);
    case 'signMessage':
      return wallet.signMessage(request);
    case 'lock':
      return { kind: 'locked' };
  }
}
