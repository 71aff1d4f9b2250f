// 32-byte ids: bytes on the wire, lower-case hex inside, where they are compared and used as keys.

import { type Codec, fixedBytes, mapped } from '@resonancenet/bytes/codec';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';

export const hex32: Codec<Hex32> = mapped(fixedBytes(32), toHex, fromHex);

/** "No id" where one is optional. */
export const NO_ID: Hex32 = '00'.repeat(32);
