// What node and command line ask of an unlocked wallet's signer, and what it answers (WAL-92). No message holds a secret. A frame is the length of the
// message, u32, and the message.

import { assert } from '@resonancenet/bytes/assert';
import {
  type Codec,
  fixedBytes,
  mapped,
  optional,
  refine,
  struct,
  u8,
  u32,
  u64,
  varBytes,
} from '@resonancenet/bytes/codec';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import { BRANCH, hardenedIndexCodec } from '@resonancenet/keys/derivation-path';
import { FINGERPRINT_LENGTH } from '@resonancenet/keys/fingerprint';
import { MAX_WINDOW_KEYS } from '@resonancenet/keys/key-window';
import { MAX_RNTP_LENGTH } from '@resonancenet/wallet/rntp';

/** Keys that are given away: those of addresses. */
export type AddressBranch = 'receive' | 'change';

export interface WantedKeys {
  readonly account: number;
  readonly branch: AddressBranch;
  /** Index of the first. */
  readonly first: number;
  readonly count: number;
}

export interface MessageToSign {
  readonly account: number;
  readonly branch: AddressBranch;
  readonly index: number;
  /** At most 65,536 bytes of UTF-8. */
  readonly message: string;
}

export type SignerRequest =
  | { readonly kind: 'status' }
  | ({ readonly kind: 'window' } & WantedKeys)
  | { readonly kind: 'sign'; readonly rntp: Uint8Array }
  | ({ readonly kind: 'signMessage' } & MessageToSign)
  | { readonly kind: 'lock' };

export type SignerAnswer =
  | { readonly kind: 'refused'; readonly detail: string }
  | {
      readonly kind: 'status';
      /** Of the wallet, 4 bytes. */
      readonly fingerprint: Uint8Array;
      /** When it locks by itself, Unix milliseconds; null: it stays open. */
      readonly locksAtUnixMs: bigint | null;
    }
  /** An encoded key window. */
  | { readonly kind: 'window'; readonly window: Uint8Array }
  | {
      readonly kind: 'signed';
      /** Encoded, with all signatures that this wallet can give. */
      readonly rntp: Uint8Array;
      /** Signatures that were not there before. */
      readonly added: number;
    }
  | { readonly kind: 'message'; readonly proof: string }
  | { readonly kind: 'locked' };

/** Bytes of the longest message. */
export const MAX_SIGNER_MESSAGE: number = MAX_RNTP_LENGTH + 64;

const MAX_TEXT = 65_536;

const text: Codec<string> = mapped(varBytes({ max: MAX_TEXT }), fromUtf8, utf8);
const rntp = varBytes({ max: MAX_RNTP_LENGTH });
const branch: Codec<AddressBranch> = mapped(
  refine(u8, (byte) => (byte <= BRANCH.change ? null : `branch ${byte}; addresses have 0 and 1`)),
  (byte) => (byte === BRANCH.change ? 'change' : 'receive'),
  (name) => BRANCH[name],
);
const keyCount = refine(u32, (count) =>
  count >= 1 && count <= MAX_WINDOW_KEYS ? null : `${count} keys; ask for 1 to ${MAX_WINDOW_KEYS}`,
);
/** Nothing or one: 0, or 1 and the time. */
const time: Codec<bigint | null> = optional(u64);

type Fields<T> = Omit<T, 'kind'>;
type OfKind<U extends { readonly kind: string }, K extends U['kind']> = Fields<Extract<U, { readonly kind: K }>>;
type Kinds<U extends { readonly kind: string }> = { readonly [K in U['kind']]: Codec<OfKind<U, K>> };

const requests: Kinds<SignerRequest> = {
  status: struct({}),
  window: struct({ account: hardenedIndexCodec, branch, first: hardenedIndexCodec, count: keyCount }),
  sign: struct({ rntp }),
  signMessage: struct({ account: hardenedIndexCodec, branch, index: hardenedIndexCodec, message: text }),
  lock: struct({}),
};

const answers: Kinds<SignerAnswer> = {
  refused: struct({ detail: text }),
  status: struct({ fingerprint: fixedBytes(FINGERPRINT_LENGTH), locksAtUnixMs: time }),
  window: struct({ window: varBytes({ max: MAX_RNTP_LENGTH }) }),
  signed: struct({ rntp, added: u32 }),
  message: struct({ proof: text }),
  locked: struct({}),
};

/** A number for each kind, from 1 in their order, then what the kind has. */
function union<U extends { readonly kind: string }>(kinds: Kinds<U>): Codec<U> {
  const names = Object.keys(kinds) as U['kind'][];
  return {
    minSize: 1,
    read: (reader) => {
      const start = reader.offset;
      const kind = names[reader.u8() - 1];
      if (kind === undefined) return reader.fail('invalid-value', start, 'a message of an unknown kind');
      return { kind, ...kinds[kind].read(reader) } as unknown as U;
    },
    write: (writer, value) => {
      const kind = value.kind as U['kind'];
      writer.u8(names.indexOf(kind) + 1);
      kinds[kind].write(writer, value as unknown as OfKind<U, typeof kind>);
    },
  };
}

export const signerRequestCodec: Codec<SignerRequest> = union(requests);
export const signerAnswerCodec: Codec<SignerAnswer> = union(answers);

/** A message with its length in front. */
export function frameOf(message: Uint8Array): Uint8Array {
  assert(message.length <= MAX_SIGNER_MESSAGE, `a message of ${message.length} bytes`);
  const frame = new Uint8Array(4 + message.length);
  new DataView(frame.buffer).setUint32(0, message.length, true);
  frame.set(message, 4);
  return frame;
}

/** Puts one message together from what arrives. */
export class FrameReader {
  #parts: Uint8Array[] = [];
  #length = 0;

  /** The message once it is whole, null before, 'refused' if it is too long or more follows it. */
  add(part: Uint8Array): Uint8Array | null | 'refused' {
    this.#parts.push(part);
    this.#length += part.length;
    if (this.#length < 4) return null;
    if (this.#parts.length > 1 && (this.#parts[0]!.length < 4 || this.#isWhole())) this.#join();
    const wanted = this.#wanted();
    if (wanted > 4 + MAX_SIGNER_MESSAGE || this.#length > wanted) return 'refused';
    if (this.#length < wanted) return null;
    this.#join();
    return this.#parts[0]!.subarray(4);
  }

  #isWhole(): boolean {
    return this.#length >= this.#wanted();
  }

  #wanted(): number {
    const first = this.#parts[0]!;
    return 4 + new DataView(first.buffer, first.byteOffset, 4).getUint32(0, true);
  }

  #join(): void {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#parts = [whole];
  }
}
