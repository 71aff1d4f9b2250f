// A validation set that is to be proposed, with its salt: kept by its author until it is revealed.

import { readFileSync } from 'node:fs';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { proposalHash } from '@resonancenet/primitives/dval-vote';
import { z } from 'zod';
import { UsageError } from '../errors.ts';

export interface SetFile {
  readonly network: string;
  readonly dvalId: string;
  readonly proposal: string;
  readonly salt: string;
  /** The set's bytes (NET-7). */
  readonly shard: string;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const schema = z.object({
  network: z.string(),
  dvalId: hash,
  proposal: hash,
  salt: hash,
  shard: z.string().regex(/^(?:[0-9a-f]{2})+$/),
});

/** @throws UsageError if the file is none, or its parts do not belong together */
export function readSetFile(path: string): SetFile {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} cannot be read as a set made by rnt dval make: ${String(error)}`, { cause: error });
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw new UsageError(`${path} is no set made by rnt dval make.`);
  const { salt, shard, proposal } = parsed.data;
  if (toHex(proposalHash(fromHex(salt), fromHex(shard))) !== proposal)
    throw new UsageError(`${path} was changed: salt and set no longer give its proposal ${proposal}.`);
  return parsed.data;
}
