// The address book of a wallet.

import { parseAddress } from '@resonancenet/primitives/address';
import { addContact, listContacts, removeContact } from '@resonancenet/wallet/contacts';
import { walletProblem } from '@resonancenet/wallet/wallet-problem';
import { z } from 'zod';
import { RPC_ERROR, RpcError, type RpcMethod } from '../rpc-method.ts';
import { problemError, type WalletApi, walletMethod } from '../wallet-call.ts';

const nameParam = z.string().min(1).max(128);

export function contactMethods(api: WalletApi): RpcMethod[] {
  return [
    walletMethod(api, {
      name: 'listcontacts',
      summary: 'The address book of a wallet. Whoever pays can give @NAME instead of an address.',
      params: z.object({}),
      result: 'list of name, address',
      example: [],
      handler: ({ store }) => listContacts(store),
    }),
    walletMethod(api, {
      name: 'addcontact',
      summary: 'Puts somebody else\u2019s address into the address book. Each name and each address is there once.',
      params: z.object({ name: nameParam, address: nameParam }),
      result: 'name, address',
      example: ['Anna', '<address>'],
      handler: (wallet, { name, address }) => {
        const parsed = parseAddress(api.ledger.params, address);
        if (!parsed.ok) throw new RpcError(RPC_ERROR.notFound, `Invalid address '${address}': ${parsed.detail}`);
        if (wallet.accounts.placeOf(parsed.destination) !== null)
          throw new RpcError(RPC_ERROR.outOfRange, `'${address}' is an address of this wallet: give it a label.`);
        const problem = wallet.sync.change((view) => addContact(view, { name, address }));
        if (problem !== null) throw problemError(problem);
        return { name, address };
      },
    }),
    walletMethod(api, {
      name: 'removecontact',
      summary: 'Takes a name out of the address book.',
      params: z.object({ name: nameParam }),
      result: 'name',
      example: ['Anna'],
      handler: (wallet, { name }) => {
        if (!wallet.sync.change((view) => removeContact(view, name)))
          throw problemError(walletProblem('contact-unknown', { name }));
        return { name };
      },
    }),
  ];
}
