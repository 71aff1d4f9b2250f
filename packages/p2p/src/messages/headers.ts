// `getheaders` and `headers` (P2P-15). An announcement is a `headers` message that answers no request.

import { type Codec, list, struct, u32 } from '@resonancenet/bytes/codec';
import type { Hex32 } from '@resonancenet/chain/events';
import { type BlockHeader, HEADER_LENGTH, headerCodec } from '@resonancenet/primitives/header';
import { hex32 } from './ids.ts';

/** Most ids in a locator. */
export const MAX_LOCATOR = 64;

/** Most headers in one answer; a full answer means that there may be more. */
export const MAX_HEADERS = 2000;

/** Most headers in one announcement. */
export const MAX_ANNOUNCED = 8;

/** `request` of an announcement. */
export const ANNOUNCEMENT = 0;

export interface GetHeadersMessage {
  /** Chosen by the asker, not 0; the answer repeats it. */
  readonly request: number;
  /** Ids of the asker's chain from its tip down, ever farther apart. The answer begins after the first that the answerer has. */
  readonly locator: readonly Hex32[];
  /** Last header wanted, which may lie on a branch; zeros for the answerer's tip. */
  readonly stop: Hex32;
}

export interface HeadersMessage {
  readonly request: number;
  readonly headers: readonly BlockHeader[];
}

export const getHeadersCodec: Codec<GetHeadersMessage> = struct<GetHeadersMessage>({
  request: u32,
  locator: list(hex32, { max: MAX_LOCATOR }),
  stop: hex32,
});

export const headersCodec: Codec<HeadersMessage> = struct<HeadersMessage>({
  request: u32,
  headers: list(headerCodec, { max: MAX_HEADERS }),
});

export const MAX_GET_HEADERS: number = 4 + 1 + 32 * MAX_LOCATOR + 32;
export const MAX_HEADERS_MESSAGE: number = 4 + 3 + MAX_HEADERS * HEADER_LENGTH;
