// Frames inside the encrypted stream (P2P-7, P2P-8): magic, 12-byte command, u32 length, checksum, payload.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { Reader } from '@resonancenet/bytes/reader';
import { toHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import { Writer } from '@resonancenet/bytes/writer';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { ByteQueue } from './byte-queue.ts';
import type { CloseReason } from './close-code.ts';

const COMMAND_LENGTH = 12;
const CHECKSUM_LENGTH = 4;

/** Bytes before the payload: magic, command, length, checksum. */
export const FRAME_HEADER: number = 4 + COMMAND_LENGTH + 4 + CHECKSUM_LENGTH;

/** Bytes of a network's magic, four ASCII characters. */
export function magicBytes(magic: string): Uint8Array {
  const bytes = utf8(magic);
  assert(bytes.length === 4, `a magic has 4 ASCII characters, '${magic}' does not`);
  return bytes;
}

function checksum(payload: Uint8Array): Uint8Array {
  return hashUntagged(payload).subarray(0, CHECKSUM_LENGTH);
}

/** One frame. `command`: 1 to 12 lower-case letters. */
export function encodeFrame(magic: Uint8Array, command: string, payload: Uint8Array): Uint8Array {
  assert(/^[a-z]{1,12}$/.test(command), `'${command}' is no command`);
  const padded = new Uint8Array(COMMAND_LENGTH);
  padded.set(utf8(command));
  const writer = new Writer(FRAME_HEADER + payload.length);
  return writer.bytes(magic, 4).bytes(padded).u32(payload.length).bytes(checksum(payload)).bytes(payload).finish();
}

export type FrameRead =
  | { readonly ok: true; readonly command: string; readonly payload: Uint8Array }
  | { readonly ok: false; readonly reason: CloseReason };

/** Decides on a frame by its header alone, before its payload is awaited: null to go on. */
export type FrameGate = (command: string, length: number) => CloseReason | null;

interface FrameHeader {
  readonly command: string;
  readonly length: number;
  readonly checksum: Uint8Array;
}

/** Takes the stream in pieces of any size and gives frames. It holds what has arrived of one frame, no more. */
export class FrameDecoder {
  readonly #magic: Uint8Array;
  readonly #gate: FrameGate;
  readonly #queue = new ByteQueue();
  #header: FrameHeader | null = null;

  constructor(magic: Uint8Array, gate: FrameGate) {
    this.#magic = magic;
    this.#gate = gate;
  }

  push(bytes: Uint8Array): void {
    this.#queue.push(bytes);
  }

  /** The next frame, null if it is not all there yet. After a refusal the stream is of no further use. */
  next(): FrameRead | null {
    if (this.#header === null) {
      const bytes = this.#queue.take(FRAME_HEADER);
      if (bytes === null) return null;
      const header = this.#parseHeader(bytes);
      if ('code' in header) return { ok: false, reason: header };
      const reason = this.#gate(header.command, header.length);
      if (reason !== null) return { ok: false, reason };
      this.#header = header;
    }
    const payload = this.#queue.take(this.#header.length);
    if (payload === null) return null;
    const { command, checksum: expected } = this.#header;
    this.#header = null;
    const computed = checksum(payload);
    if (!equalBytes(expected, computed))
      return refuse('frame-checksum', `'${command}' says ${toHex(expected)}, its content gives ${toHex(computed)}`);
    return { ok: true, command, payload };
  }

  #parseHeader(bytes: Uint8Array): FrameHeader | CloseReason {
    const reader = new Reader(bytes);
    const magic = reader.bytes(4);
    if (!equalBytes(magic, this.#magic))
      return { code: 'frame-magic', detail: `magic ${toHex(magic)}, this network has ${toHex(this.#magic)}` };
    const name = reader.bytes(COMMAND_LENGTH);
    const end = name.indexOf(0) === -1 ? COMMAND_LENGTH : name.indexOf(0);
    const letters = name.subarray(0, end);
    const isProper =
      end > 0 &&
      letters.every((byte) => byte >= 0x61 && byte <= 0x7a) &&
      name.subarray(end).every((byte) => byte === 0);
    if (!isProper) return { code: 'frame-command', detail: `command bytes ${toHex(name)}` };
    return { command: String.fromCharCode(...letters), length: reader.u32(), checksum: reader.bytes(CHECKSUM_LENGTH) };
  }
}

function refuse(code: CloseReason['code'], detail: string): FrameRead {
  return { ok: false, reason: { code, detail } };
}
