// Who signs an action whose witness is not there yet.

import { SIGNATURE_LENGTH } from '@resonancenet/crypto/ed25519';
import { TAG } from '@resonancenet/crypto/tags';
import { ACTION_KIND, type ActionContent, decodeAction } from '@resonancenet/primitives/action-content';
import type { Action } from '@resonancenet/primitives/transaction';

export type ActionSigners =
  | {
      readonly ok: true;
      /** What the action says; its signatures are zeros. */
      readonly content: ActionContent;
      /** Who may sign; empty: nobody has to. */
      readonly publicKeys: readonly Uint8Array[];
      /** So many of them. */
      readonly required: number;
      /** Of what they sign. */
      readonly tag: typeof TAG.heartbeat | typeof TAG.announce | null;
    }
  | { readonly ok: false; readonly detail: string };

/** Reads the data of an action; its witness is ignored. */
export function signersOfAction(action: Action): ActionSigners {
  const read = decodeAction({ ...action, witness: placeholder(action) });
  if (!read.ok) return { ok: false, detail: read.detail };
  const { content } = read;
  switch (content.kind) {
    case 'heartbeat':
      return { ok: true, content, publicKeys: [content.terms.livenessKey], required: 1, tag: TAG.heartbeat };
    case 'announce': {
      const { guardians, required } = content.terms;
      return { ok: true, content, publicKeys: guardians, required, tag: TAG.announce };
    }
    case 'propose':
    case 'reveal':
      return { ok: true, content, publicKeys: [], required: 0, tag: null };
  }
}

/** A witness of zeros in the form that the action's data asks for; of another length if the data cannot be read, which is told by reading it. */
function placeholder({ kind, data }: Action): Uint8Array {
  if (kind === ACTION_KIND.heartbeat) return new Uint8Array(SIGNATURE_LENGTH);
  if (kind !== ACTION_KIND.announce) return new Uint8Array(0);
  // Wait u24 and the liveness key stand before the quorum.
  const required = data[3 + 32] ?? 0;
  const witness = new Uint8Array(required * (1 + SIGNATURE_LENGTH));
  for (let guardian = 0; guardian < required; guardian++) witness[guardian * (1 + SIGNATURE_LENGTH)] = guardian;
  return witness;
}
