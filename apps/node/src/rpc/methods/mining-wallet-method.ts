// The node mines to a wallet.

import { encodeAddress } from '@resonancenet/primitives/address';
import { takeNextAddress } from '@resonancenet/wallet/next-address';
import { z } from 'zod';
import type { NodeApi } from '../node-api.ts';
import { type RpcMethod, rpcMethod } from '../rpc-method.ts';
import { accountOf, accountParam, problemError, type WalletApi, withWalletErrors } from '../wallet-call.ts';

export function miningWalletMethod(node: NodeApi, { wallets }: WalletApi): RpcMethod {
  return rpcMethod({
    name: 'setminingwallet',
    summary:
      'Blocks that this node mines pay a wallet from now on, after a new start too (unless --pay-to says otherwise).',
    params: z.object({ wallet: z.string().min(1).max(80).optional(), account: accountParam }),
    result: 'wallet, account, address',
    example: ['main'],
    handler: ({ wallet: name, account: number }, context) =>
      withWalletErrors(() => {
        const wallet = wallets.get(name ?? context.wallet);
        const account = accountOf(wallet, number);
        const next = wallet.sync.change((view) => takeNextAddress(view, account, 'receive'));
        if (!next.ok) throw problemError(next);
        node.setPayTo(next.destination);
        const address = encodeAddress(wallets.network.params.addressPrefix, next.destination);
        return { wallet: wallet.name, account: account.number, address };
      }),
  });
}
