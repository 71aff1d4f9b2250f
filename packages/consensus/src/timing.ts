// Time between blocks (CON-5, CON-6, CON-7, CON-24). Seconds unless a name says otherwise.

import { parameterCount } from '@resonancenet/model/shape';
import type { NetworkParams } from '@resonancenet/params/network-params';
import {
  FUTURE_MIN_SECONDS,
  FUTURE_SPACING_DIVISOR,
  SPACING_PARAMETERS,
  STALL_SPACINGS,
} from '@resonancenet/params/protocol-constants';

/** What spacing depends on: the shape of the parent's checkpoint. */
export interface ShapeView {
  readonly vocab: number;
  readonly width: number;
  readonly layers: number;
}

/** MIN_BLOCK_SPACING after a parent of this shape: the base for each begun 2^27 parameters (CON-6). */
export function minSpacing(parentShape: ShapeView, params: NetworkParams): number {
  return params.spacingBase * Math.max(1, Math.ceil(parameterCount(parentShape) / SPACING_PARAMETERS));
}

/** STALL_INTERVAL after a parent of this shape: the base, or 6 spacings if that is longer (CON-5). */
export function stallInterval(parentShape: ShapeView, params: NetworkParams): number {
  return Math.max(params.stallIntervalBase, STALL_SPACINGS * minSpacing(parentShape, params));
}

/** How far a block's timestamp may be ahead of local time: a tenth of its spacing, at least 2 s (CON-7). */
export function futureAllowance(spacing: number): number {
  return Math.max(FUTURE_MIN_SECONDS, Math.floor(spacing / FUTURE_SPACING_DIVISOR));
}

/**
 * When a block whose header arrived while the node was in sync may become a candidate, milliseconds of the node's monotonic clock: half the
 * spacing after its parent was at hand (CON-24). Until then miners compete and the best improvement wins.
 */
export function earliestCandidacyMs(parentAtHandMs: number, spacing: number): number {
  return parentAtHandMs + spacing * 500;
}
