// Kinds of parameters that several methods take.

import { DecodeError } from '@resonancenet/bytes/decode-error';
import { decode } from '@resonancenet/bytes/decode';
import { fromHex } from '@resonancenet/bytes/hex';
import { type AddressParams, parseAddress } from '@resonancenet/primitives/address';
import { type Destination, destinationProblem } from '@resonancenet/primitives/destination';
import { type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { z } from 'zod';
import { RPC_ERROR, RpcError } from './rpc-method.ts';

export const hashParam: z.ZodString = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');

export const hexParam: z.ZodString = z
  .string()
  .regex(/^(?:[0-9a-fA-F]{2})*$/, 'must be pairs of hex digits')
  .max(4_000_000);

export const u32Param: z.ZodNumber = z.number().int().min(0).max(0xffff_ffff);

/** `true` and `false`, or 1 and 0, as Bitcoin Core takes both. */
export const verbosityParam: z.ZodType<number> = z
  .union([z.boolean(), z.number().int().min(0).max(3)])
  .transform((value) => Number(value));

/** @throws RpcError */
export function transactionOf(hex: string): Transaction {
  const result = decode(transactionCodec, fromHex(hex));
  if (result.ok) return result.value;
  throw new RpcError(RPC_ERROR.deserialization, `The bytes are no transaction: ${result.error.message}`);
}

/** Where an address leads; nothing may be paid there otherwise. @throws RpcError */
export function destinationOf(text: string, params: AddressParams): Destination {
  const parsed = parseAddress(params, text);
  if (!parsed.ok) throw new RpcError(RPC_ERROR.notFound, `Invalid address '${text}': ${parsed.detail}`);
  const problem = destinationProblem(parsed.destination, params.recovery);
  if (problem !== null) throw new RpcError(RPC_ERROR.notFound, `Nothing may be paid to '${text}': ${problem}`);
  return parsed.destination;
}

/** Reads bytes of a caller; what they are wrong in becomes the caller's error. */
export function readAs<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new RpcError(RPC_ERROR.invalidParams, `${what}: ${error.message}`);
  }
}
