// What a label is given to, told by its name.

import { type AddressParams, parseAddress } from '@resonancenet/primitives/address';
import type { LabelKind } from './labels.ts';
import type { WalletAccounts } from './wallet-accounts.ts';

const TRANSACTION = /^[0-9a-f]{64}$/;
const OUTPUT = /^[0-9a-f]{64}:\d{1,10}$/;

export type LabelKindResult =
  | { readonly ok: true; readonly kind: LabelKind }
  | { readonly ok: false; readonly detail: string };

/** The id of a transaction, that with `:` and an index, an address of the wallet's or of somebody else. */
export function labelKindOf(name: string, accounts: WalletAccounts, params: AddressParams): LabelKindResult {
  if (TRANSACTION.test(name)) return { ok: true, kind: 'transaction' };
  if (OUTPUT.test(name)) return { ok: true, kind: 'output' };
  const parsed = parseAddress(params, name);
  if (!parsed.ok) return { ok: false, detail: parsed.detail };
  return { ok: true, kind: accounts.placeOf(parsed.destination) === null ? 'payee' : 'address' };
}
