// Partially signed transactions (WAL-50, WAL-51): a transaction without witnesses, and everything that several signers need beside it: what it
// spends and how, whose keys these are, and the signatures that have come so far. One encoding for each, sorted and bounded.

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, fixedBytes, limited, list, optional, refine, struct, u8 } from '@resonancenet/bytes/codec';
import { compareBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from '@resonancenet/crypto/ed25519';
import { type DerivationPath, derivationPathCodec } from '@resonancenet/keys/derivation-path';
import { FINGERPRINT_LENGTH } from '@resonancenet/keys/fingerprint';
import { type Leaf, leafCodec } from '@resonancenet/primitives/condition';
import { type BlockId, HASH_LENGTH } from '@resonancenet/primitives/ids';
import { MAX_LEAVES } from '@resonancenet/primitives/lock';
import { type Output, outputCodec, type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { SIGHASH_ALL, SIGHASH_SINGLE, type SighashFlag } from '@resonancenet/primitives/witness';
import { type RntpProblem, rntpProblem } from './rntp-problem.ts';
import { inconsistency } from './rntp-consistency.ts';

/** Which key of which wallet a public key is. */
export interface KeyOrigin {
  readonly publicKey: Uint8Array;
  /** Of the wallet, 4 bytes. */
  readonly fingerprint: Uint8Array;
  readonly path: DerivationPath;
}

/** How an input opens what it spends. */
export type RntpWay =
  /** A leaf of its lock, that leaf's place and branch, and the preimages that it asks for, ascending, 32 bytes each. */
  | {
      readonly kind: 'leaf';
      readonly leaf: Leaf;
      readonly index: number;
      readonly count: number;
      readonly branch: readonly Uint8Array[];
      readonly preimages: readonly Uint8Array[];
    }
  /** A Base58 output: the key whose hash it is. */
  | { readonly kind: 'keyHash'; readonly publicKey: Uint8Array };

/** A signature of an input. */
export interface RntpInputSignature {
  readonly publicKey: Uint8Array;
  readonly flag: SighashFlag;
  readonly signature: Uint8Array;
}

/** A signature of an action, by the liveness key or a guardian. */
export interface RntpActionSignature {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

export interface RntpInput {
  readonly spent: Output;
  readonly way: RntpWay;
  /** By keys of the way, ascending. */
  readonly signatures: readonly RntpInputSignature[];
}

export interface Rntp {
  /** Of the network, 32 bytes: signatures cover it. */
  readonly genesisId: BlockId;
  /** Every witness of it is empty. */
  readonly transaction: Transaction;
  /** One for each input. */
  readonly inputs: readonly RntpInput[];
  /** Signatures of each action, ascending by key. */
  readonly actions: readonly (readonly RntpActionSignature[])[];
  /** For each output the key by which its maker says that it is a signer's own, or null. A hint: the signer checks it. */
  readonly outputs: readonly (Uint8Array | null)[];
  /** Ascending by key. */
  readonly origins: readonly KeyOrigin[];
}

/** `rntp`. */
const MAGIC = Uint8Array.of(0x72, 0x6e, 0x74, 0x70);
const VERSION = 1;

/** Bytes of the longest one: a transaction of the greatest length with all that goes with it fits. */
export const MAX_RNTP_LENGTH = 4_194_304;

const MAX_PREIMAGES = 8;
const MAX_INPUT_SIGNATURES = 16;

const key = fixedBytes(PUBLIC_KEY_LENGTH);
const signature = fixedBytes(SIGNATURE_LENGTH);
const hash = fixedBytes(HASH_LENGTH);

const unsigned: Codec<Transaction> = refine(transactionCodec, (transaction) =>
  [...transaction.inputs, ...transaction.actions].every(({ witness }) => witness.length === 0)
    ? null
    : 'a transaction with witnesses; signatures stand beside it',
);

const flag: Codec<SighashFlag> = refine(u8 as Codec<SighashFlag>, (value: number) =>
  value === SIGHASH_ALL || value === SIGHASH_SINGLE ? null : `a signature with flag ${value}; use 1 or 2`,
);

type LeafWay = Omit<Extract<RntpWay, { kind: 'leaf' }>, 'kind'>;

const leafWay: Codec<LeafWay> = struct<LeafWay>({
  leaf: leafCodec,
  index: u8,
  count: refine(u8, (count) => (count >= 1 && count <= MAX_LEAVES ? null : `a lock of ${count} leaves`)),
  branch: list(hash, { max: 4 }),
  preimages: list(hash, { max: MAX_PREIMAGES }),
});

/** 0 and the leaf's, or 1 and the key. */
const way: Codec<RntpWay> = {
  minSize: 1 + PUBLIC_KEY_LENGTH,
  read: (reader) => {
    const start = reader.offset;
    const kind = reader.u8();
    if (kind === 0) return { kind: 'leaf', ...leafWay.read(reader) };
    if (kind === 1) return { kind: 'keyHash', publicKey: key.read(reader) };
    return reader.fail('invalid-value', start, `way ${kind}; use 0 (leaf) or 1 (key hash)`);
  },
  write: (writer, value) => {
    if (value.kind === 'leaf') leafWay.write(writer.u8(0), value);
    else key.write(writer.u8(1), value.publicKey);
  },
};

const input: Codec<RntpInput> = struct<RntpInput>({
  spent: outputCodec,
  way,
  signatures: ascending(struct<RntpInputSignature>({ publicKey: key, flag, signature }), MAX_INPUT_SIGNATURES),
});

/** 0, or 1 and the key. */
const ownKey: Codec<Uint8Array | null> = optional(key);

const origin: Codec<KeyOrigin> = struct<KeyOrigin>({
  publicKey: key,
  fingerprint: fixedBytes(FINGERPRINT_LENGTH),
  path: derivationPathCodec,
});

const body: Codec<Rntp> = struct<Rntp>({
  genesisId: hash,
  transaction: unsigned,
  inputs: list(input),
  actions: list(ascending(struct<RntpActionSignature>({ publicKey: key, signature }), MAX_INPUT_SIGNATURES)),
  outputs: list(ownKey),
  origins: ascending(origin, Number.MAX_SAFE_INTEGER),
});

const rntpCodec: Codec<Rntp> = limited(
  {
    minSize: MAGIC.length + 1 + body.minSize,
    read: (reader) => {
      if (compareBytes(reader.bytes(MAGIC.length), MAGIC) !== 0)
        return reader.fail('invalid-value', 0, 'it does not begin with rntp');
      const version = reader.u8();
      if (version !== VERSION)
        return reader.fail('invalid-value', MAGIC.length, `version ${version}; this program knows ${VERSION}`);
      return refine(body, inconsistency).read(reader);
    },
    write: (writer, value) => refine(body, inconsistency).write(writer.bytes(MAGIC).u8(VERSION), value),
  },
  MAX_RNTP_LENGTH,
);

export type DecodedRntp = { readonly ok: true; readonly rntp: Rntp } | RntpProblem;

/** The one encoding. */
export function encodeRntp(rntp: Rntp): Uint8Array {
  return encode(rntpCodec, rntp);
}

/** What bytes from outside hold. Whether the signatures are valid, `finaliseRntp` and `combineRntps` say. */
export function decodeRntp(bytes: Uint8Array): DecodedRntp {
  if (bytes.length > MAX_RNTP_LENGTH)
    return rntpProblem('malformed', { detail: `${bytes.length} bytes, at most ${MAX_RNTP_LENGTH} are read` });
  const result = decode(rntpCodec, bytes);
  return result.ok ? { ok: true, rntp: result.value } : rntpProblem('malformed', { detail: result.error.message });
}

/** Items each of whose keys is above the one before: a set has one encoding. */
function ascending<T extends { readonly publicKey: Uint8Array }>(item: Codec<T>, max: number): Codec<readonly T[]> {
  return refine(list(item, { max }), (items) => {
    const wrong = items.findIndex(
      (one, index) => index > 0 && compareBytes(items[index - 1]!.publicKey, one.publicKey) >= 0,
    );
    return wrong < 0 ? null : `key ${wrong} is not above key ${wrong - 1}; sort them and name each once`;
  });
}

/** Items in the order that the encoding wants; of two with one key the first. */
export function sortedByKey<T extends { readonly publicKey: Uint8Array }>(items: readonly T[]): T[] {
  const sorted = [...items].sort((a, b) => compareBytes(a.publicKey, b.publicKey));
  return sorted.filter(
    (item, index) => index === 0 || compareBytes(sorted[index - 1]!.publicKey, item.publicKey) !== 0,
  );
}

/** The transaction without its witnesses. */
export function withoutWitnesses(transaction: Transaction): Transaction {
  const witness = new Uint8Array(0);
  assert(transaction.inputs.length > 0, 'a transaction has inputs');
  return {
    ...transaction,
    inputs: transaction.inputs.map((one) => ({ ...one, witness })),
    actions: transaction.actions.map((one) => ({ ...one, witness })),
  };
}
