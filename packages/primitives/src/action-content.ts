// What actions say (LED-13, LED-16, LED-24, LED-25): the content of their data and witness.

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, fixedBytes, limited, struct, u8 } from '@resonancenet/bytes/codec';
import { decode } from '@resonancenet/bytes/decode';
import { DecodeError } from '@resonancenet/bytes/decode-error';
import { encode } from '@resonancenet/bytes/encode';
import { SIGNATURE_LENGTH } from '@resonancenet/crypto/ed25519';
import type { Destination } from './destination.ts';
import { HASH_LENGTH, LOCK_ID_LENGTH, POLICY_ID_LENGTH } from './ids.ts';
import { POLICY_TYPE, type PolicyType } from './policy.ts';
import { type PolicyTerms, type SocialTerms, socialTermsCodec, termsCodec } from './policy-terms.ts';
import { quorumSignatures } from './quorum.ts';
import { type Action, MAX_ACTION_LENGTH } from './transaction.ts';

/** Kind bytes of actions; no others exist. */
export const ACTION_KIND = { heartbeat: 0x01, announce: 0x02, propose: 0x10, reveal: 0x11 } as const;

/** A signature, 64 bytes, by guardian number `guardian` of the terms. */
export interface GuardianSignature {
  readonly guardian: number;
  readonly signature: Uint8Array;
}

export type ActionContent =
  /** A sign of life, signed by the liveness key. */
  | { readonly kind: 'heartbeat'; readonly terms: PolicyTerms; readonly signature: Uint8Array }
  /** A recovery to this destination; as many signatures as the terms require, `guardian` strictly ascending. */
  | {
      readonly kind: 'announce';
      readonly terms: SocialTerms;
      readonly destination: Destination;
      readonly signatures: readonly GuardianSignature[];
    }
  /** A validation set by its proposal hash, 32 bytes, and where its bond goes back to. */
  | { readonly kind: 'propose'; readonly proposal: Uint8Array; readonly refund: Destination }
  /** The set itself, with the salt of 32 bytes. How long it must be, the network says. */
  | { readonly kind: 'reveal'; readonly salt: Uint8Array; readonly shard: Uint8Array };

export type DecodedAction =
  | { readonly ok: true; readonly content: ActionContent }
  | { readonly ok: false; readonly detail: string };

type Announcement = Extract<ActionContent, { kind: 'announce' }>;

const destinationCodec: Codec<Destination> = struct<Destination>({
  lockId: fixedBytes(LOCK_ID_LENGTH),
  policyId: fixedBytes(POLICY_ID_LENGTH),
});

const announceData = struct<Pick<Announcement, 'terms' | 'destination'>>({
  terms: socialTermsCodec,
  destination: destinationCodec,
});

const proposeData = struct<{ readonly proposal: Uint8Array; readonly refund: Destination }>({
  proposal: fixedBytes(HASH_LENGTH),
  refund: destinationCodec,
});

const signatureCodec = fixedBytes(SIGNATURE_LENGTH);

const guardianSignatureCodec = struct<GuardianSignature>({ guardian: u8, signature: signatureCodec });

/** The salt and all that follows. */
const revealData: Codec<{ readonly salt: Uint8Array; readonly shard: Uint8Array }> = limited(
  {
    minSize: HASH_LENGTH,
    read: (reader) => ({ salt: reader.bytes(HASH_LENGTH), shard: reader.bytes(reader.remaining) }),
    write: (writer, { salt, shard }) => void writer.bytes(salt, HASH_LENGTH).bytes(shard),
  },
  MAX_ACTION_LENGTH,
);

/** The witness of an action that nobody signs. */
const nothing = fixedBytes(0);
const noWitness = new Uint8Array(0);

/** What an action says. Whether it may be said now, the ledger's rules decide. */
export function decodeAction(action: Action): DecodedAction {
  try {
    return { ok: true, content: readAction(action) };
  } catch (error) {
    if (error instanceof DecodeError) return { ok: false, detail: error.message };
    throw error;
  }
}

/** The one action that says this. */
export function encodeAction(content: ActionContent): Action {
  const kind = ACTION_KIND[content.kind];
  switch (content.kind) {
    case 'heartbeat':
      return {
        kind,
        data: encode(policyTermsCodec, content.terms),
        witness: encode(signatureCodec, content.signature),
      };
    case 'announce':
      return {
        kind,
        data: encode(announceData, content),
        witness: encode(guardianSignatures(content.terms), content.signatures),
      };
    case 'propose':
      return { kind, data: encode(proposeData, content), witness: noWitness };
    case 'reveal':
      return { kind, data: encode(revealData, content), witness: noWitness };
  }
}

function readAction({ kind, data, witness }: Action): ActionContent {
  switch (kind) {
    case ACTION_KIND.heartbeat: {
      const terms = field('data', policyTermsCodec, data);
      return { kind: 'heartbeat', terms, signature: field('witness', signatureCodec, witness) };
    }
    case ACTION_KIND.announce: {
      const said = field('data', announceData, data);
      return { kind: 'announce', ...said, signatures: field('witness', guardianSignatures(said.terms), witness) };
    }
    case ACTION_KIND.propose:
      field('witness', nothing, witness);
      return { kind: 'propose', ...field('data', proposeData, data) };
    case ACTION_KIND.reveal: {
      field('witness', nothing, witness);
      return { kind: 'reveal', ...field('data', revealData, data) };
    }
    default:
      throw new DecodeError('invalid-value', 0, 'kind', `an action of kind ${kind}; use one of ${knownKinds}`);
  }
}

const knownKinds = Object.entries(ACTION_KIND)
  .map(([name, byte]) => `${byte} (${name})`)
  .join(', ');

function field<T>(name: string, codec: Codec<T>, bytes: Uint8Array): T {
  const result = decode(codec, bytes);
  if (!result.ok) throw result.error.within(name);
  return result.value;
}

const policyTypes = Object.keys(POLICY_TYPE) as PolicyType[];

/** Policy type u8 and the terms of that type. */
export const policyTermsCodec: Codec<PolicyTerms> = {
  minSize: 1,
  read: (reader) => {
    const start = reader.offset;
    const byte = reader.u8();
    const type = policyTypes.find((name) => POLICY_TYPE[name] === byte);
    const codec = type === undefined ? null : termsCodec(type);
    if (codec === null)
      return reader.fail('invalid-value', start, `a policy of type ${byte} has no terms; use 1, 2 or 3`);
    return codec.read(reader);
  },
  write: (writer, terms) => {
    const codec = termsCodec(terms.type);
    assert(codec !== null, `a ${terms.type} policy has no terms`);
    codec.write(writer.u8(POLICY_TYPE[terms.type]), terms);
  },
};

/** As many signatures as the terms require, without a count, each with its guardian's number. */
function guardianSignatures({ required, guardians }: SocialTerms): Codec<readonly GuardianSignature[]> {
  return quorumSignatures(required, guardians.length, guardianSignatureCodec, ({ guardian }) => guardian);
}
