// Actions before they are signed: their data, with no witness, and the bytes that they will take.

import { SIGNATURE_LENGTH } from '@resonancenet/crypto/ed25519';
import { encodeAction } from '@resonancenet/primitives/action-content';
import type { Action } from '@resonancenet/primitives/transaction';
import type { ActionWish } from './payment-wish.ts';
import { actionBytes } from './transaction-size.ts';

/** The action with a witness of zeros, of the length that its signatures will have. */
function placeholderAction({ content }: ActionWish): Action {
  const signature = new Uint8Array(SIGNATURE_LENGTH);
  if (content.kind === 'heartbeat') return encodeAction({ ...content, signature });
  const signatures = Array.from({ length: content.terms.required }, (_, guardian) => ({ guardian, signature }));
  return encodeAction({ ...content, signatures });
}

/** Its data alone. */
export function unsignedAction(wish: ActionWish): Action {
  return { ...placeholderAction(wish), witness: new Uint8Array(0) };
}

export function wishedActionBytes(wish: ActionWish): number {
  const { data, witness } = placeholderAction(wish);
  return actionBytes(data.length, witness.length);
}
