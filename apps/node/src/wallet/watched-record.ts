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
export function watchedRecord(
  name: string,
  bytes: Uint8Array,
  birthHeight: number,
  params: NetworkParams,
): WalletRecord {
  const decoded = decode(windowsCodec, bytes);
  if (!decoded.ok) throw new WalletError('corrupt', `The key windows cannot be read: ${decoded.error.message}.`);
  const { fingerprint } = decoded.value[0]!;
  let record: WalletRecord = { name, networkId: networkId(params), fingerprint, birthHeight, accounts: [] };
  for (const window of decoded.value) {
    const extended = withKeyWindow(record, window);
    if (!extended.ok) throw new WalletError('corrupt', `The key windows do not fit together: ${extended.detail}.`);
    record = extended.record;
  }
  return record;
}
