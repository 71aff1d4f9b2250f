// Numbers that are the same on every network because formats and formulas are built on them. What can differ is in network-params.ts.

/** Resonances in one RNT (NET-2). */
export const RESONANCES_PER_RNT = 10_000_000_000n;

/** 21,000,000 RNT in resonances: no amount and no sum of amounts is ever larger (NET-2). */
export const MAX_MONEY: bigint = 21_000_000n * RESONANCES_PER_RNT;

/** Micro-nats in one nat: the unit of `val_loss` (EVAL-12). */
export const MICRO_NATS_PER_NAT = 1_000_000;

/** Quanta of a target's loss in one nat: q = floor(nll * 65536 + 1/2) (EVAL-10). */
export const LOSS_QUANTA_PER_NAT = 65_536;

/** Largest loss of one target in quanta, 2^22 = 64 nats (EVAL-10). */
export const MAX_TARGET_LOSS: number = 2 ** 22;

/** Largest possible val_loss: 2^22 / 2^16 nats in micro-nats = 64,000,000 (CON-8). */
export const MAX_VAL_LOSS: number = (MAX_TARGET_LOSS / LOSS_QUANTA_PER_NAT) * MICRO_NATS_PER_NAT;

/** Growth of a round in which the loss improved, and the base of the stalled rounds' growth (MOD-2, CON-5; white paper 4.1, BASE_GROWTH). */
export const BASE_GROWTH = 2;

/** Growth that adds one layer (MOD-2; white paper 4.1, LAYER_THRESHOLD). */
export const LAYER_THRESHOLD = 128;

/** The spacing doubles, triples, ... with every further 2^27 parameters of the parent's shape (CON-6). */
export const SPACING_PARAMETERS: number = 2 ** 27;

/** A stall interval is never shorter than this many spacings (CON-5). */
export const STALL_SPACINGS = 6;

/** Stall intervals after which a block must use the next D_val (CON-10). */
export const DVAL_STALL_INTERVALS = 4;

/** A block may be this fraction of a spacing ahead of local time: one tenth (CON-7). */
export const FUTURE_SPACING_DIVISOR = 10;

/** ... and at least this many seconds (CON-7). */
export const FUTURE_MIN_SECONDS = 2;

/** Limits of the model's variant (MOD-1). */
export const MAX_WIDTH = 4096;
export const MAX_LAYERS = 48;

/** Version number in every block header (CON-3). */
export const BLOCK_VERSION = 1;
