// Short printable texts that peers send: never shown before they are checked, so that no control sequence reaches a log.

import { type Codec, type CountBounds, mapped, refine, varBytes } from '@resonancenet/bytes/codec';
import { utf8 } from '@resonancenet/bytes/utf8';

/** Text of printable ASCII (0x20 to 0x7e), its length bounded. */
export function printable(bounds: CountBounds): Codec<string> {
  const bytes = refine(varBytes(bounds), (value) =>
    value.every((byte) => byte >= 0x20 && byte <= 0x7e) ? null : 'text holds a byte that is not printable ASCII',
  );
  return mapped(bytes, (value) => String.fromCharCode(...value), utf8);
}

/** Our own text made fit for such a field: other characters become `?`, what is too long is cut. */
export function toPrintable(text: string, maxLength: number): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, maxLength);
}
