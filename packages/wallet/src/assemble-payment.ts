// A partially signed transaction from decided parts: inputs that an account's own keys open.

import { ownerLeaf } from '@resonancenet/keys/account-policy';
import { NO_LOCK, type Output, TRANSACTION_VERSION } from '@resonancenet/primitives/transaction';
import type { AccountCoin } from './account-coins.ts';
import { addressOrigin } from './account-paths.ts';
import type { ActionWish, PaymentContext } from './payment-wish.ts';
import { type KeyOrigin, type Rntp, type RntpInput, sortedByKey } from './rntp.ts';
import type { AddressPlace, WalletAccount } from './wallet-account.ts';
import { unsignedAction } from './wished-action.ts';

/** `coins` in this order; each is opened by the first leaf of its lock. */
export function assemblePayment(
  account: WalletAccount,
  coins: readonly AccountCoin[],
  outputs: readonly Output[],
  actions: readonly ActionWish[],
  { params, genesisId }: Pick<PaymentContext, 'params' | 'genesisId'>,
): Rntp {
  const spends = coins.map((coin) => ownSpend(account, coin));
  const back = outputs.map((output) => account.placeOfOutput(output));
  const places = [...spends.map(({ place }) => place), ...back.filter((place) => place !== null)];
  const origins: KeyOrigin[] = [
    ...places.map((place) => addressOrigin(params.coinType, place)),
    ...actions.flatMap((action) => action.origins),
  ];
  return {
    genesisId,
    transaction: {
      version: TRANSACTION_VERSION,
      inputs: coins.map(({ outpoint }) => ({ outpoint, sequence: NO_LOCK, witness: new Uint8Array(0) })),
      outputs,
      actions: actions.map(unsignedAction),
      lockTime: NO_LOCK,
    },
    inputs: spends.map(({ input }) => input),
    actions: actions.map(() => []),
    outputs: back.map((place) => place?.publicKey ?? null),
    origins: sortedByKey(origins),
  };
}

function ownSpend(
  account: WalletAccount,
  { branch, index, amount }: AccountCoin,
): { readonly place: AddressPlace; readonly input: RntpInput } {
  const publicKey = account.keyAt(branch, index)!;
  const destination = account.destination(branch, index)!;
  const place = { account, branch, index, publicKey };
  const way = {
    kind: 'leaf',
    leaf: ownerLeaf(publicKey),
    index: 0,
    count: account.ownBranch.length + 1,
    branch: account.ownBranch,
    preimages: [],
  } as const;
  return { place, input: { spent: { amount, ...destination }, way, signatures: [] } };
}
