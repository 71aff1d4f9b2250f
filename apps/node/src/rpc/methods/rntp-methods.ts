// Partially signed transactions: what several signers and machines pass on.

import { z } from 'zod';
import { signedBySigner } from '../../wallet/send-payment.ts';
import { describeRntp, describeSigned, finalised, joined, rntpOf, rntpParam } from '../describe-rntp.ts';
import { describeReview, reviewerOf } from '../describe-review.ts';
import { type RpcMethod, rpcMethod } from '../rpc-method.ts';
import { type WalletApi, walletMethod } from '../wallet-call.ts';

export function rntpMethods(api: WalletApi): RpcMethod[] {
  const { wallets } = api;
  return [
    rpcMethod({
      name: 'decoderntp',
      summary: 'What a partially signed transaction says, and what it still needs.',
      params: z.object({ rntp: rntpParam }),
      result:
        'txid, tx, inputs (the outputs that are spent, who has signed), feeAndBonds (RNT), signers (pubkey, fingerprint, path), missing, complete',
      example: ['<rntp>'],
      handler: ({ rntp }) => describeRntp(rntpOf(rntp, wallets.network), wallets.network),
    }),
    walletMethod(api, {
      name: 'reviewrntp',
      summary:
        'What a wallet is asked to sign, for a person to check before: what leaves, to whom, which recovery, who asks.',
      params: z.object({ rntp: rntpParam }),
      result:
        'wallet, fingerprint, spent, ownSpent and leaves (RNT; negative: it gains), outputs (address, amount, own), feeAndBonds (RNT), recovery (kind: sign-of-life, announcement or claim; policyId, policy, of: wallet and account of this node; destination, wait, required, guardians; by, coins, amount), asks (key, part, fingerprint, path, own, signed), complete',
      example: ['<rntp>'],
      handler: (wallet, { rntp }) => describeReview(rntpOf(rntp, wallets.network), reviewerOf(wallet, wallets)),
    }),
    walletMethod(api, {
      name: 'walletprocessrntp',
      summary:
        'Adds the signatures of a wallet\u2019s keys, by its signer. Look at reviewrntp before: what is signed can be sent.',
      params: z.object({ rntp: rntpParam }),
      result: 'rntp, complete, missing',
      example: ['<rntp>'],
      handler: async ({ signer }, { rntp }) =>
        describeSigned(await signedBySigner(signer, rntpOf(rntp, wallets.network))),
    }),
    rpcMethod({
      name: 'combinerntp',
      summary: 'Joins the signatures of several copies of one transaction.',
      params: z.object({ rntps: z.array(rntpParam).min(1).max(32) }),
      result: 'rntp',
      example: [['<rntp>', '<rntp>']],
      handler: ({ rntps }) => joined(rntps.map((text) => rntpOf(text, wallets.network))),
    }),
    rpcMethod({
      name: 'finalizerntp',
      summary:
        'Makes a partially signed transaction that has all its signatures one that can be sent (sendrawtransaction).',
      params: z.object({ rntp: rntpParam }),
      result: 'complete; hex, or rntp and missing',
      example: ['<rntp>'],
      handler: ({ rntp }) => finalised(rntpOf(rntp, wallets.network)),
    }),
  ];
}
