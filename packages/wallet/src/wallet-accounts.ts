// The accounts of one wallet, found by the policy of an output before its lock is looked at.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import type { PolicyId } from '@resonancenet/primitives/ids';
import type { Output } from '@resonancenet/primitives/transaction';
import type { AddressPlace, WalletAccount } from './wallet-account.ts';

export class WalletAccounts {
  readonly #byNumber = new Map<number, WalletAccount>();
  readonly #byPolicy = new Map<string, WalletAccount>();
  #all: readonly WalletAccount[] = [];

  constructor(accounts: readonly WalletAccount[] = []) {
    for (const account of accounts) this.add(account);
  }

  /** Two accounts of a wallet never share a policy: their liveness keys differ. */
  add(account: WalletAccount): void {
    const policy = toHex(account.policyId);
    assert(
      !this.#byNumber.has(account.number) && !this.#byPolicy.has(policy),
      `account ${account.number} is there twice`,
    );
    this.#byNumber.set(account.number, account);
    this.#byPolicy.set(policy, account);
    this.#all = [...this.#all, account].sort((a, b) => a.number - b.number);
  }

  /** Ascending by number. */
  get all(): readonly WalletAccount[] {
    return this.#all;
  }

  get(number: number): WalletAccount | null {
    return this.#byNumber.get(number) ?? null;
  }

  ofPolicy(policyId: PolicyId): WalletAccount | null {
    return this.#byPolicy.get(toHex(policyId)) ?? null;
  }

  /** The place of an output that belongs to an account of the wallet (WAL-21). */
  placeOf(output: Pick<Output, 'lockId' | 'policyId'>): AddressPlace | null {
    return this.ofPolicy(output.policyId)?.placeOf(output.lockId) ?? null;
  }
}
