// The wallet of the load: its record on the disk, its account, and a signer that has its keys by name.

import { recordAccount, walletRecord, writeWallet } from '@resonancenet/node/wallet/testing/wallet-world';
import { namedKey } from '@resonancenet/wallet/testing/test-wallet';
import { WalletAccount } from '@resonancenet/wallet/wallet-account';

export const LOAD_NAME = 'load';

const KEYS = 1_000;

/** Writes the wallet's folder in that of the network; its account. */
export function makeLoadWallet(networkFolder: string): WalletAccount {
  const policy = { type: 'social', wait: 6, required: 1, guardians: [namedKey('guardian')] } as const;
  const stored = recordAccount(LOAD_NAME, 0, KEYS, policy);
  const record = walletRecord(LOAD_NAME, [stored]);
  writeWallet(networkFolder, record);
  const { terms, siblingHash } = stored.policy;
  const ranges = (['receive', 'change'] as const).map((branch) => ({ branch, first: 0, publicKeys: stored[branch] }));
  return new WalletAccount({ number: 0, fingerprint: record.fingerprint, terms, siblingHash, ranges });
}
