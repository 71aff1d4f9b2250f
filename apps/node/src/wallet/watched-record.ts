// The record of a wallet that watches accounts of somebody else's: made from their key windows, without a secret.

import type { Codec } from '@resonancenet/bytes/codec';
import { decode } from '@resonancenet/bytes/decode';
import { type KeyWindow, keyWindowCodec } from '@resonancenet/keys/key-window';
import { type WalletRecord, withKeyWindow } from '@resonancenet/keys/wallet-record';
import { networkId } from '@resonancenet/params/network-id';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { WalletError } from './wallet-error.ts';

/** Windows one after the other, at least one. */
const windowsCodec: Codec<readonly KeyWindow[]> = {
  minSize: keyWindowCodec.minSize,
  read: (reader) => {
    const windows: KeyWindow[] = [];
    do windows.push(keyWindowCodec.read(reader));
    while (reader.remaining > 0);
    return windows;
  },
  write: (writer, windows) => {
    for (const window of windows) keyWindowCodec.write(writer, window);
  },
};

/** @throws WalletError */
export function parseWindows(bytes: Uint8Array): readonly KeyWindow[] {
  const decoded = decode(windowsCodec, bytes);
  if (decoded.ok) return decoded.value;
  throw new WalletError('corrupt', `The key windows cannot be read: ${decoded.error.message}.`);
}

/** @throws WalletError */
export function withWindows(record: WalletRecord, windows: readonly KeyWindow[]): WalletRecord {
  return windows.reduce((known, window) => {
    const extended = withKeyWindow(known, window);
    if (extended.ok) return extended.record;
    throw new WalletError('corrupt', `The key windows do not fit: ${extended.detail}.`);
  }, record);
}

/** @throws WalletError */
export function watchedRecord(
  name: string,
  windows: readonly KeyWindow[],
  birthHeight: number,
  params: NetworkParams,
): WalletRecord {
  const { fingerprint } = windows[0]!;
  return withWindows({ name, networkId: networkId(params), fingerprint, birthHeight, accounts: [] }, windows);
}
