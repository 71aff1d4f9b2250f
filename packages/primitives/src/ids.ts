// Names of things, told apart by the type checker where taking one for another would cost money.

declare const flavour: unique symbol;

/** A type that plain values fit into, but values of another flavour do not. */
type Flavour<T, Name extends string> = T & { readonly [flavour]?: Name };

/** Number of blocks below this one on its branch; the genesis block has height 0. */
export type Height = Flavour<number, 'Height'>;

/** 32 bytes: the hash of a header without its signature (BLK-3). */
export type BlockId = Flavour<Uint8Array, 'BlockId'>;

/** 32 bytes: the hash of a transaction without its witnesses (BLK-11). */
export type TxId = Flavour<Uint8Array, 'TxId'>;

/** 24 bytes: who may spend an output (BLK-15). */
export type LockId = Flavour<Uint8Array, 'LockId'>;

/** 24 bytes: what becomes of an output that nobody spends (BLK-17). */
export type PolicyId = Flavour<Uint8Array, 'PolicyId'>;

export const HASH_LENGTH = 32;
export const LOCK_ID_LENGTH = 24;
export const POLICY_ID_LENGTH = 24;
