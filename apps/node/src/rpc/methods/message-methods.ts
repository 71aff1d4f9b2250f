// Texts signed by the key of an address.

import { checkMessage } from '@resonancenet/wallet/message';
import { z } from 'zod';
import { destinationOf } from '../parameters.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';
import { type WalletApi, walletMethod } from '../wallet-call.ts';

const addressParam = z.string().min(1).max(128);
const messageParam = z.string().max(65_536);

export function messageMethods(api: WalletApi): RpcMethod[] {
  const { wallets } = api;
  return [
    walletMethod(api, {
      name: 'signmessage',
      summary: 'Signs a text with the key of one of the wallet\u2019s addresses, by its signer.',
      params: z.object({ address: addressParam, message: messageParam }),
      result: 'signature (hex)',
      example: ['<address>', 'this is me'],
      handler: (wallet, { address, message }) => {
        const place = wallet.accounts.placeOf(destinationOf(address, wallets.network.params));
        if (place === null)
          throw new RpcError(
            RPC_ERROR.notFound,
            `'${address}' is no address of wallet '${wallet.name}': it signs for its own.`,
          );
        const { account, branch, index } = place;
        return wallet.signer.signMessage({ account: account.number, branch, index }, message);
      },
    }),
    rpcMethod({
      name: 'verifymessage',
      summary: 'Whether a text was signed by whoever can spend from an address.',
      params: z.object({ address: addressParam, signature: z.string().max(65_536), message: messageParam }),
      result: 'true or false',
      example: ['<address>', '<signature>', 'this is me'],
      handler: ({ address, signature, message }) => {
        const result = checkMessage(
          wallets.network.genesisId,
          destinationOf(address, wallets.network.params),
          message,
          signature,
        );
        if (result.ok) return true;
        if (result.code === 'bad-text' || result.code === 'malformed')
          throw new RpcError(RPC_ERROR.outOfRange, result.detail);
        return false;
      },
    }),
  ];
}
