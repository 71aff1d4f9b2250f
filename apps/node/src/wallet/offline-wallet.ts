// A wallet on a machine without a node, as one that is kept from every network: it looks at partially signed transactions and has its signer sign them.

import { join } from 'node:path';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { blockId } from '@resonancenet/primitives/header';
import { SignerClient } from '@resonancenet/signer/signer-client';
import type { Rntp } from '@resonancenet/wallet/rntp';
import { WalletAccounts } from '@resonancenet/wallet/wallet-accounts';
import { describeReview } from '../rpc/describe-review.ts';
import { describeRntp, describeSigned, finalised, joined, rntpOf } from '../rpc/describe-rntp.ts';
import { destinationOf } from '../rpc/parameters.ts';
import { RPC_ERROR, RpcError } from '../rpc/rpc-method.ts';
import { watchedAccount } from './loaded-wallet.ts';
import { signedBySigner } from './send-payment.ts';
import { WalletFiles } from './wallet-files.ts';

type Json = Readonly<Record<string, unknown>>;

/** Answers what it can of a node's methods about partially signed transactions and signed texts, with their parameters by position. */
export class OfflineWallet {
  readonly #name: string;
  readonly #networkFolder: string;
  readonly #params: NetworkParams;
  readonly #genesisId: Uint8Array;

  /** `networkFolder`: the node's. */
  constructor(name: string, networkFolder: string, params: NetworkParams) {
    this.#name = name;
    this.#networkFolder = networkFolder;
    this.#params = params;
    this.#genesisId = blockId(genesisHeader(params));
  }

  /** undefined: only a node can. @throws RpcError, WalletError, SignerClientError */
  async ask(method: string, params: readonly unknown[]): Promise<unknown> {
    const read = (text: unknown): Rntp => rntpOf(String(text), { genesisId: this.#genesisId });
    switch (method) {
      case 'decoderntp':
        return describeRntp(read(params[0]), { params: this.#params });
      case 'reviewrntp':
        return await this.#review(read(params[0]));
      case 'walletprocessrntp':
        return describeSigned(await signedBySigner(this.#signer(), read(params[0])));
      case 'combinerntp':
        return joined((params[0] as readonly unknown[]).map(read));
      case 'finalizerntp':
        return finalised(read(params[0]));
      case 'signmessage':
        return await this.#signText(String(params[0]), String(params[1]));
      default:
        return undefined;
    }
  }

  #signer(): SignerClient {
    return new SignerClient(this.#name, join(this.#networkFolder, 'wallets', this.#name));
  }

  async #signText(address: string, message: string): Promise<string> {
    const place = (await this.#watched()).accounts.placeOf(destinationOf(address, this.#params));
    if (place === null)
      throw new RpcError(
        RPC_ERROR.notFound,
        `'${address}' is no address of wallet '${this.#name}': it signs for its own.`,
      );
    const { account, branch, index } = place;
    return await this.#signer().signMessage({ account: account.number, branch, index }, message);
  }

  async #watched(): Promise<{ readonly fingerprint: Uint8Array; readonly accounts: WalletAccounts }> {
    const { fingerprint, accounts } = new WalletFiles(this.#networkFolder, this.#params).readRecord(this.#name);
    const watched = new WalletAccounts();
    for (const account of accounts) watched.add(await watchedAccount(fingerprint, account));
    return { fingerprint, accounts: watched };
  }

  async #review(rntp: Rntp): Promise<Json> {
    const { fingerprint, accounts } = await this.#watched();
    return describeReview(rntp, {
      name: this.#name,
      fingerprint,
      accounts,
      params: this.#params,
      knownAs: (policyId) => {
        const account = accounts.ofPolicy(policyId);
        return { of: account === null ? null : { wallet: this.#name, account: account.number }, policy: null };
      },
    });
  }
}
