// The sign of life that a wallet adds to its spends (WAL-44).

import { equalBytes } from '@resonancenet/bytes/compare';
import { ACTION_KIND, decodeAction } from '@resonancenet/primitives/action-content';
import type { PolicyId, TxId } from '@resonancenet/primitives/ids';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { livenessOrigin } from './account-paths.ts';
import type { ActionWish, PaymentContext } from './payment-wish.ts';
import { walkPending } from './pending-table.ts';
import type { WalletAccount } from './wallet-account.ts';
import type { WalletReader } from './wallet-view.ts';

/** Nothing where one is wished already or waits for a block: nodes take one at a time. */
export function ownHeartbeat(
  account: WalletAccount,
  wished: readonly ActionWish[],
  { view, params }: Pick<PaymentContext, 'view' | 'params'>,
): ActionWish[] {
  const isWished = wished.some(
    ({ content }) => content.kind === 'heartbeat' && isOf(account, termsPolicyId(content.terms)),
  );
  return isWished || waitingHeartbeat(view, account) ? [] : [heartbeatWish(account, params.coinType)];
}

/** A heartbeat of the account, to be signed by its liveness key. */
export function heartbeatWish(account: WalletAccount, coinType: number): ActionWish {
  const content = { kind: 'heartbeat', terms: account.terms, signature: new Uint8Array(0) } as const;
  return { content, bond: 0n, origins: [livenessOrigin(coinType, account)] };
}

/** Whether an unconfirmed transaction that the wallet knows holds a sign of life for the account. */
export function waitingHeartbeat(view: WalletReader, account: WalletAccount): boolean {
  return pendingHeartbeat(view, account) !== null;
}

/** Id of that transaction, or null. */
export function pendingHeartbeat(view: WalletReader, account: WalletAccount): TxId | null {
  for (const { txid, transaction } of walkPending(view)) {
    for (const action of transaction.actions) {
      if (action.kind !== ACTION_KIND.heartbeat) continue;
      const decoded = decodeAction(action);
      if (decoded.ok && decoded.content.kind === 'heartbeat' && isOf(account, termsPolicyId(decoded.content.terms)))
        return txid;
    }
  }
  return null;
}

function isOf({ policyId }: WalletAccount, id: PolicyId): boolean {
  return equalBytes(policyId, id);
}
