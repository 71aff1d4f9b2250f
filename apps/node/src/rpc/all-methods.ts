// All methods of a node, `help` among them.

import { helpMethod } from './help-method.ts';
import type { LedgerApi } from './ledger-api.ts';
import { accountSearchMethods } from './methods/account-search-methods.ts';
import { chainMethods } from './methods/chain-methods.ts';
import { coinMethods } from './methods/coin-methods.ts';
import { contactMethods } from './methods/contact-methods.ts';
import { dvalMethods } from './methods/dval-methods.ts';
import { lockMethods } from './methods/lock-methods.ts';
import { mempoolMethods } from './methods/mempool-methods.ts';
import { nodeMethods } from './methods/node-methods.ts';
import { templateMethods } from './methods/template-methods.ts';
import { transactionMethods } from './methods/transaction-methods.ts';
import { messageMethods } from './methods/message-methods.ts';
import { miningWalletMethod } from './methods/mining-wallet-method.ts';
import { rntpMethods } from './methods/rntp-methods.ts';
import { walletPaymentMethods } from './methods/wallet-payment-methods.ts';
import { walletAddressMethods } from './methods/wallet-address-methods.ts';
import { walletCoinMethods } from './methods/wallet-coin-methods.ts';
import { walletHistoryMethods } from './methods/wallet-history-methods.ts';
import { walletRecoveryMethods } from './methods/wallet-recovery-methods.ts';
import { walletMethods } from './methods/wallet-methods.ts';
import type { NodeApi } from './node-api.ts';
import type { RpcMethod } from './rpc-method.ts';
import type { WalletService } from '../wallet/wallet-service.ts';

export function allMethods(node: NodeApi, ledger: LedgerApi, wallets: WalletService): RpcMethod[] {
  const api = { wallets, ledger };
  const methods: RpcMethod[] = [
    ...chainMethods(node),
    ...transactionMethods(ledger),
    ...mempoolMethods(ledger),
    ...coinMethods(ledger),
    ...lockMethods(ledger),
    ...templateMethods(ledger),
    ...walletMethods(api),
    ...accountSearchMethods(api),
    ...walletAddressMethods(api),
    ...contactMethods(api),
    ...walletCoinMethods(api),
    ...walletHistoryMethods(api),
    ...walletPaymentMethods(api),
    ...walletRecoveryMethods(api),
    ...rntpMethods(api),
    ...messageMethods(api),
    miningWalletMethod(node, api),
    ...dvalMethods(node),
    ...nodeMethods(node),
  ];
  methods.push(helpMethod(() => methods));
  return methods;
}
