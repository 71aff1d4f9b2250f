// What blocks have shown of the accounts: table `accounts`, key account u32 big-endian; and up to which block the wallet has read: table `tip`, key 0.

import { bigEndian } from '@resonancenet/bytes/big-endian';
import { type Codec, fixedBytes, struct, u32 } from '@resonancenet/bytes/codec';
import { encode } from '@resonancenet/bytes/encode';
import { type BlockId, HASH_LENGTH } from '@resonancenet/primitives/ids';
import type { AddressBranch } from './account-branch.ts';
import { decodeStored } from './wallet-changes.ts';
import type { WalletReader, WalletView } from './wallet-view.ts';

export interface AccountState {
  /** Per branch one more than the highest index that was ever paid in a block. */
  readonly used: Readonly<Record<AddressBranch, number>>;
  /** Height of the last heartbeat of its policy; 0: none since the wallet reads. */
  readonly lastSign: number;
}

/** The last block that was read. */
export interface WalletTip {
  readonly height: number;
  readonly id: BlockId;
}

const stateCodec: Codec<AccountState> = struct<AccountState>({
  used: struct<AccountState['used']>({ receive: u32, change: u32 }),
  lastSign: u32,
});
const tipCodec: Codec<WalletTip> = struct<WalletTip>({ height: u32, id: fixedBytes(HASH_LENGTH) });
const untouched: AccountState = { used: { receive: 0, change: 0 }, lastSign: 0 };
/** Stores have no empty keys. */
const tipKey = Uint8Array.of(0);

export function readAccountState(view: WalletReader, account: number): AccountState {
  const bytes = view.get('accounts', bigEndian(account));
  return bytes === null ? untouched : decodeStored(stateCodec, bytes);
}

export function writeAccountState(view: WalletView, account: number, state: AccountState): void {
  view.put('accounts', bigEndian(account), encode(stateCodec, state));
}

/** null: it has read no block. */
export function readTip(view: WalletReader): WalletTip | null {
  const bytes = view.get('tip', tipKey);
  return bytes === null ? null : decodeStored(tipCodec, bytes);
}

export function writeTip(view: WalletView, tip: WalletTip): void {
  view.put('tip', tipKey, encode(tipCodec, tip));
}
