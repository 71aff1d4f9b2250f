// RPC over wallets whose chain and pool are in memory.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { recordAccount, walletRecord, WalletTestWorld } from '../../wallet/testing/wallet-world.ts';
import { dispatch, type RpcResponse } from '../dispatch.ts';
import type { LedgerApi } from '../ledger-api.ts';
import { accountSearchMethods } from '../methods/account-search-methods.ts';
import { contactMethods } from '../methods/contact-methods.ts';
import { messageMethods } from '../methods/message-methods.ts';
import { rntpMethods } from '../methods/rntp-methods.ts';
import { walletAddressMethods } from '../methods/wallet-address-methods.ts';
import { walletCoinMethods } from '../methods/wallet-coin-methods.ts';
import { walletHistoryMethods } from '../methods/wallet-history-methods.ts';
import { walletMethods } from '../methods/wallet-methods.ts';
import { walletPaymentMethods } from '../methods/wallet-payment-methods.ts';
import { walletRecoveryMethods } from '../methods/wallet-recovery-methods.ts';
import type { WalletApi } from '../wallet-call.ts';

const makers = [
  walletMethods,
  accountSearchMethods,
  walletAddressMethods,
  contactMethods,
  walletCoinMethods,
  walletHistoryMethods,
  walletPaymentMethods,
  walletRecoveryMethods,
  rntpMethods,
  messageMethods,
];

export class RpcWalletWorld extends WalletTestWorld {
  async ask(method: string, params: unknown = [], wallet: string | null = null): Promise<RpcResponse> {
    const { chain, pool } = this;
    const ledger = {
      params: regtest,
      tip: () => chain.tip(),
      pool: { get: (txid: string) => (pool.transaction(txid) === null ? null : {}) },
    } as unknown as LedgerApi;
    const api: WalletApi = { wallets: this.service, ledger };
    const methods = makers.flatMap((make) => make(api));
    const table = new Map(methods.map((one) => [one.name, one]));
    return (await dispatch(table, { jsonrpc: '2.0', id: 1, method, params }, { wallet })) as RpcResponse;
  }

  async result<T = Record<string, unknown>>(method: string, params: unknown = [], wallet?: string): Promise<T> {
    const answer = await this.ask(method, params, wallet ?? null);
    assert.equal(answer.error, undefined, answer.error?.message ?? '');
    return answer.result as T;
  }

  async refusal(method: string, params: unknown = [], wallet?: string): Promise<[code: number, message: string]> {
    const { error } = await this.ask(method, params, wallet ?? null);
    assert.ok(error !== undefined);
    return [error.code, error.message];
  }
}

export async function worldWith(context: TestContext, ...names: string[]): Promise<RpcWalletWorld> {
  const world = new RpcWalletWorld();
  context.after(() => world.close());
  for (const name of names) world.write(walletRecord(name, [recordAccount(name, 0, 30)]));
  await world.service.start();
  return world;
}
