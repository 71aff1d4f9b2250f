// A header's vote on the next validation set (BLK-4): 33 bytes.

import type { Codec } from '@resonancenet/bytes/codec';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { HASH_LENGTH } from './ids.ts';

/** For or against a proposed D_val, named by its proposal hash (32 bytes), or no vote. */
export type DvalVote =
  | { readonly kind: 'none' }
  | { readonly kind: 'for'; readonly proposal: Uint8Array }
  | { readonly kind: 'against'; readonly proposal: Uint8Array };

export const DVAL_VOTE_LENGTH = 33;

/** What a validation set is proposed by, 32 bytes (LED-25). Without the salt of 32 bytes nobody can tell whether a guess of the set is right. */
export function proposalHash(salt: Uint8Array, shard: Uint8Array): Uint8Array {
  return hash(TAG.dvalProposal, salt, shard);
}

export const NO_VOTE: DvalVote = { kind: 'none' };

const kinds = ['none', 'for', 'against'] as const;

/** One byte of kind and 32 of proposal; no vote is 33 zeros and nothing else. */
export const dvalVoteCodec: Codec<DvalVote> = {
  minSize: DVAL_VOTE_LENGTH,
  read: (reader) => {
    const start = reader.offset;
    const kind = kinds[reader.u8()];
    const proposal = reader.bytes(HASH_LENGTH);
    if (kind === undefined) {
      return reader.fail('invalid-value', start, 'a vote is of kind 0 (none), 1 (for) or 2 (against)');
    }
    if (kind !== 'none') return { kind, proposal };
    if (proposal.some((byte) => byte !== 0)) {
      reader.fail('invalid-value', start + 1, 'a header without a vote names no proposal: these bytes are zero');
    }
    return NO_VOTE;
  },
  write: (writer, vote) => {
    writer.u8(kinds.indexOf(vote.kind));
    writer.bytes(vote.kind === 'none' ? new Uint8Array(HASH_LENGTH) : vote.proposal, HASH_LENGTH);
  },
};
