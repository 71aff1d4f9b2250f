// What an RPC method is. `help`, the CLI and the documents are made from the same declaration.

import type { z } from 'zod';

export interface RpcMethod<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Parameters by name, in the order in which they may be given by position. */
  readonly params: z.ZodObject<Shape>;
  /** What comes back, in words. */
  readonly result: string;
  /** Parameters of an example call. */
  readonly example: readonly unknown[];
  readonly handler: (params: z.infer<z.ZodObject<Shape>>, context: RpcContext) => unknown;
}

/** What the place of a request says about it. */
export interface RpcContext {
  /** Name in `/wallet/NAME`; null: the request went to `/`. */
  readonly wallet: string | null;
}

/** Keeps a method's parameter types where it is declared. */
export function rpcMethod<Shape extends z.ZodRawShape>(method: RpcMethod<Shape>): RpcMethod {
  return method as unknown as RpcMethod;
}

/** JSON-RPC 2.0 error codes, and Bitcoin Core's for what it has a code for. */
export const RPC_ERROR = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** Unknown block or id (Core's RPC_INVALID_ADDRESS_OR_KEY). */
  notFound: -5,
  /** A height that the chain does not have (Core's RPC_INVALID_PARAMETER). */
  outOfRange: -8,
  /** Not possible now (Core's RPC_MISC_ERROR). */
  misc: -1,
  /** Bytes that are no transaction (Core's RPC_DESERIALIZATION_ERROR). */
  deserialization: -22,
  /** A transaction that cannot be judged or may not be sent (Core's RPC_VERIFY_ERROR). */
  verify: -25,
  /** A transaction that rules or policy refuse (Core's RPC_VERIFY_REJECTED). */
  rejected: -26,
  /** A transaction that a block has (Core's RPC_VERIFY_ALREADY_IN_UTXO_SET). */
  alreadyInChain: -27,
  /** Still starting (Core's RPC_IN_WARMUP). */
  warmup: -28,
  /** A wallet does not do what is asked (Core's RPC_WALLET_ERROR). */
  wallet: -4,
  insufficientFunds: -6,
  /** Only an unlocked signer can do it (Core's RPC_WALLET_UNLOCK_NEEDED). */
  unlockNeeded: -13,
  walletNotFound: -18,
  /** Several wallets, or none, and the request says not which (Core's RPC_WALLET_NOT_SPECIFIED). */
  walletNotSpecified: -19,
  walletAlreadyLoaded: -35,
} as const;

/** An error that the caller of a method is told about. */
export class RpcError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
