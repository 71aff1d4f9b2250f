// A payment that was built or sent, as RPC tells it.

import type { BuiltPayment } from '@resonancenet/wallet/payment-wish';
import { encodeRntp } from '@resonancenet/wallet/rntp';
import type { PaidBefore } from '../wallet/pay-once.ts';
import type { Sent } from '../wallet/send-payment.ts';
import { rnt } from './amounts.ts';
import { RPC_ERROR, RpcError } from './rpc-method.ts';
import { problemError } from './wallet-call.ts';

type Json = Readonly<Record<string, unknown>>;

export const sentText =
  'txid, complete (true), fee (RNT), bytes, change (RNT, or null); where others must sign too: complete (false), rntp, missing; where a payment has the reference already: txid, complete, repeated (true)';

export function describeBuilt({ fee, bytes, bonds, change }: BuiltPayment): Json {
  return {
    fee: rnt(fee),
    bytes,
    ...(bonds === 0n ? {} : { bonds: rnt(bonds) }),
    change: change === null ? null : rnt(change.amount),
  };
}

/** Partially signed transactions are base64 here. */
export function rntpText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export function describeFunded(built: BuiltPayment): Json {
  return { rntp: rntpText(encodeRntp(built.rntp)), ...describeBuilt(built) };
}

/** @throws RpcError */
export function describeSent(sent: Sent | PaidBefore): Json {
  if (sent.ok && 'kind' in sent) return { txid: sent.txid, complete: true, repeated: true };
  if (sent.ok) return { txid: sent.txid, complete: true, ...describeBuilt(sent.built) };
  switch (sent.kind) {
    case 'problem':
      throw problemError(sent.problem);
    case 'refused':
      throw new RpcError(RPC_ERROR.rejected, sent.detail);
    case 'incomplete':
      return { complete: false, rntp: rntpText(sent.rntp), missing: sent.detail };
  }
}
