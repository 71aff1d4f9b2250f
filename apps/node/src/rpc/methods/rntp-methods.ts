// Partially signed transactions: what several signers and machines pass on.

import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { transactionCodec } from '@resonancenet/primitives/transaction';
import { combineRntps } from '@resonancenet/wallet/combine-rntps';
import { finaliseRntp, missingSignatures } from '@resonancenet/wallet/finalise-rntp';
import { encodeRntp } from '@resonancenet/wallet/rntp';
import { z } from 'zod';
import { signedByWallet } from '../../wallet/send-payment.ts';
import { describeMissing, describeRntp, rntpError, rntpOf, rntpParam } from '../describe-rntp.ts';
import { rntpText } from '../describe-payment.ts';
import { describeReview } from '../describe-review.ts';
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
      handler: (wallet, { rntp }) => describeReview(rntpOf(rntp, wallets.network), wallet, wallets),
    }),
    walletMethod(api, {
      name: 'walletprocessrntp',
      summary:
        'Adds the signatures of a wallet\u2019s keys, by its signer. Look at reviewrntp before: what is signed can be sent.',
      params: z.object({ rntp: rntpParam }),
      result: 'rntp, complete, missing',
      example: ['<rntp>'],
      handler: async (wallet, { rntp }) => {
        const signed = await signedByWallet(wallet, rntpOf(rntp, wallets.network));
        const missing = describeMissing(signed);
        return { rntp: rntpText(encodeRntp(signed)), complete: missing.length === 0, missing };
      },
    }),
    rpcMethod({
      name: 'combinerntp',
      summary: 'Joins the signatures of several copies of one transaction.',
      params: z.object({ rntps: z.array(rntpParam).min(1).max(32) }),
      result: 'rntp',
      example: [['<rntp>', '<rntp>']],
      handler: ({ rntps }) => {
        const [first, ...others] = rntps.map((text) => rntpOf(text, wallets.network));
        let joined = first!;
        for (const other of others) {
          const result = combineRntps(joined, other);
          if (!result.ok) throw rntpError(result);
          joined = result.rntp;
        }
        return { rntp: rntpText(encodeRntp(joined)) };
      },
    }),
    rpcMethod({
      name: 'finalizerntp',
      summary:
        'Makes a partially signed transaction that has all its signatures one that can be sent (sendrawtransaction).',
      params: z.object({ rntp: rntpParam }),
      result: 'complete; hex, or rntp and missing',
      example: ['<rntp>'],
      handler: ({ rntp: text }) => {
        const rntp = rntpOf(text, wallets.network);
        if (missingSignatures(rntp).length > 0) return { complete: false, rntp: text, missing: describeMissing(rntp) };
        const result = finaliseRntp(rntp);
        if (!result.ok) throw rntpError(result);
        return { complete: true, hex: toHex(encode(transactionCodec, result.transaction)) };
      },
    }),
  ];
}
