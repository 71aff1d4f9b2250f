// The one error of all decoders. It is thrown inside codecs only; `decode` turns it into a result.

/** Why bytes (or text) were refused, in words that name the cause and the fix. */
const explanations = {
  truncated: 'the bytes end before the value does; send the whole encoding',
  'trailing-bytes': 'bytes follow the end of the value; send exactly one encoding',
  'non-minimal-varint': 'a number is written in more bytes than it needs; use the shortest form',
  'number-too-large': 'a number is above 2^53 - 1; no count or length is that large',
  'count-exceeds-bytes': 'a count announces more items than the remaining bytes can hold; correct the count',
  'count-out-of-bounds': 'a count is outside the bounds of its field; split or shorten the list',
  'too-long': 'the encoding takes more bytes than its format allows; split or shorten it',
  'invalid-value': 'a field holds a value that its format does not allow; use one of the allowed values',
  'invalid-utf8': 'the bytes are not well-formed UTF-8; encode the text as UTF-8 without surrogates or overlong forms',
  'lone-surrogate': 'the text holds half of a surrogate pair; remove it or complete the pair',
  'invalid-hex': 'the text is not hexadecimal; use an even number of the digits 0-9 and a-f',
} as const;

export type DecodeReason = keyof typeof explanations;

/** All reasons, for tests and documents that must name each of them. */
export const DECODE_REASONS: readonly DecodeReason[] = Object.keys(explanations) as DecodeReason[];

/** Bytes from outside that are no valid encoding. */
export class DecodeError extends Error {
  override readonly name: string = 'DecodeError';
  readonly reason: DecodeReason;
  /** Byte (for text: character) at which the refused item begins. */
  readonly offset: number;
  /** Names of the fields and indices around the refused item, outermost first: `outputs[2].amount`; empty at top level. */
  readonly path: string;
  /** What exactly was wrong with this value, if the reason alone does not say. */
  readonly detail: string;

  constructor(reason: DecodeReason, offset: number, path = '', detail = '') {
    const place = path === '' ? `at ${offset}` : `${path} at ${offset}`;
    super(`${reason} (${place}): ${detail === '' ? explanations[reason] : detail}`);
    this.reason = reason;
    this.offset = offset;
    this.path = path;
    this.detail = detail;
  }

  /** The same error seen from one field further out; `segment` is a field name or an index in brackets. */
  within(segment: string): DecodeError {
    const joint = this.path === '' || this.path.startsWith('[') ? '' : '.';
    return new DecodeError(this.reason, this.offset, `${segment}${joint}${this.path}`, this.detail);
  }
}
