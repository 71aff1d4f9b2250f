// What the user calls things: table `labels`, key kind u8 || name in UTF-8 (an address, a txid as hex, that and `:` and an index), value the label in UTF-8.

import { concatBytes } from '@resonancenet/bytes/compare';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import { isShown } from '@resonancenet/keys/file-format';
import { type WalletProblem, walletProblem } from './wallet-problem.ts';
import type { WalletReader, WalletView } from './wallet-view.ts';

/** What a label is given to. `address`: one's own; `payee`: of the address book. */
export const LABEL_KINDS = ['address', 'payee', 'transaction', 'output'] as const;

export type LabelKind = (typeof LABEL_KINDS)[number];

export interface Label {
  readonly kind: LabelKind;
  readonly name: string;
  readonly label: string;
}

/** UTF-8 bytes of a label and of what it is given to. */
export const MAX_LABEL_BYTES = 256;
const MAX_NAME_BYTES = 128;

/** An empty label takes it away. */
export function setLabel(view: WalletView, { kind, name, label }: Label): WalletProblem | null {
  if (!isShown(name) || !isShown(label)) {
    const detail = 'the label or the name holds characters that do not show, or half a one: type it again';
    return walletProblem('label-invalid', { detail });
  }
  const [nameBytes, bytes] = [utf8(name), utf8(label)];
  if (bytes.length > MAX_LABEL_BYTES || nameBytes.length === 0 || nameBytes.length > MAX_NAME_BYTES) {
    const detail = `a label of ${bytes.length} bytes for a name of ${nameBytes.length}; at most ${MAX_LABEL_BYTES} and 1 to ${MAX_NAME_BYTES} are kept`;
    return walletProblem('label-invalid', { detail });
  }
  const key = concatBytes(Uint8Array.of(LABEL_KINDS.indexOf(kind)), nameBytes);
  if (bytes.length === 0) view.delete('labels', key);
  else view.put('labels', key, bytes);
  return null;
}

export function readLabel(view: WalletReader, kind: LabelKind, name: string): string | null {
  const bytes = view.get('labels', concatBytes(Uint8Array.of(LABEL_KINDS.indexOf(kind)), utf8(name)));
  return bytes === null ? null : fromUtf8(bytes);
}

export function* walkLabels(view: WalletReader, kind: LabelKind): Iterable<Label> {
  const number = LABEL_KINDS.indexOf(kind);
  for (const [key, bytes] of view.range('labels', Uint8Array.of(number), Uint8Array.of(number + 1))) {
    yield { kind, name: fromUtf8(key.subarray(1)), label: fromUtf8(bytes) };
  }
}
