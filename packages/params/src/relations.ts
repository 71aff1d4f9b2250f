// Relations between the fields of a parameter object that no single field shows (NET-5).

import type { NetworkParams } from './network-params.ts';
import { MAX_LAYERS, MAX_TARGET_LOSS, MAX_VAL_LOSS, MAX_WIDTH } from './protocol-constants.ts';
import type { SchemaProblem } from './schema.ts';

const U32_MAX = 2 ** 32 - 1;
const U24_MAX = 2 ** 24 - 1;

/** Vocabularies by kind: the ids are those of the published tokeniser, so the sizes are not free. */
const VOCABULARIES = { gpt2: { size: 50_257, startId: 50_256 }, bytes: { size: 256, startId: 0 } } as const;

/** Bytes of the window sums in a block's body: a u32 for each window (CON-16). */
export function windowSumsBytes(params: NetworkParams): number {
  return 4 * params.dval.windows;
}

/** The first relation that does not hold, or null. */
export function brokenRelation(params: NetworkParams): SchemaProblem | null {
  const { baseShape, capShape, dval, recovery, rotation, ports, vocabulary, genesis } = params;
  const known = VOCABULARIES[vocabulary.kind];
  const constants = genesis.constants;
  const checks: readonly (readonly [holds: boolean, path: string, message: string])[] = [
    [
      vocabulary.size === known.size && vocabulary.startId === known.startId,
      'vocabulary',
      `a ${vocabulary.kind} vocabulary has ${known.size} ids and start id ${known.startId}`,
    ],
    [params.lightningPrefix === `ln${params.addressPrefix}`, 'lightningPrefix', `must be 'ln' and the address prefix`],
    [new Set([ports.p2p, ports.rpc, ports.lightning]).size === 3, 'ports', 'the three ports must differ'],
    [baseShape.width % 2 === 0 && capShape.width % 2 === 0, 'baseShape.width', 'widths must be even'],
    [
      capShape.width >= baseShape.width && capShape.width <= MAX_WIDTH,
      'capShape.width',
      `must be from the base width to ${MAX_WIDTH}`,
    ],
    [
      capShape.layers >= baseShape.layers && capShape.layers <= MAX_LAYERS,
      'capShape.layers',
      `must be from the base layers to ${MAX_LAYERS}`,
    ],
    [
      dval.windowSize * MAX_TARGET_LOSS <= U32_MAX,
      'dval.windowSize',
      'a window sum of 2^22 for each id must fit in a u32',
    ],
    [
      2 * windowSumsBytes(params) <= params.maxBlockBytes,
      'dval.windows',
      'the window sums must leave half of the block to transactions',
    ],
    [params.maxTransactionBytes <= params.maxBlockBytes, 'maxTransactionBytes', 'a transaction must fit in a block'],
    [
      params.coinbaseMaturity >= params.finalityDepth,
      'coinbaseMaturity',
      'a reward must not be spendable before its block is final',
    ],
    [
      recovery.heartbeatIntervalMin <= recovery.heartbeatIntervalMax &&
        recovery.heartbeatTimeoutMin <= recovery.heartbeatTimeoutMax,
      'recovery',
      'a least count must not exceed the greatest',
    ],
    [
      recovery.heartbeatIntervalMax + recovery.heartbeatTimeoutMax <= U24_MAX,
      'recovery.heartbeatIntervalMax',
      'interval and timeout together must fit in a policy id (24 bits)',
    ],
    [
      recovery.builtInReturn >= recovery.emissionReturnMin,
      'recovery.builtInReturn',
      'the built-in policy must not return sooner than others may',
    ],
    [
      params.emission.fullGain <= params.emission.doubleGain,
      'emission.fullGain',
      'the greatest bonus must not need less than the whole subsidy',
    ],
    [
      rotation.lockIn <= rotation.window && 2 * rotation.lockIn > rotation.window,
      'rotation.lockIn',
      'a lock-in takes more than half of the votes of the window, and at most all',
    ],
    [rotation.cancel <= rotation.notice, 'rotation.cancel', 'votes against a set are counted within the notice'],
    [
      rotation.notice > params.finalityDepth && rotation.delay - rotation.notice >= params.finalityDepth,
      'rotation.notice',
      'lock-in, reveal and activation must each be final before the next counts on them',
    ],
    [
      recovery.channelClose < recovery.channelReturn,
      'recovery.channelClose',
      'channels must close before their outputs return',
    ],
    [
      constants === null || new Set(constants.dvalIds).size === constants.dvalIds.length,
      'genesis.constants.dvalIds',
      'D_vals must differ, or moving to the next would change nothing',
    ],
    [
      constants === null || constants.valLoss <= MAX_VAL_LOSS,
      'genesis.constants.valLoss',
      `must be at most ${MAX_VAL_LOSS}`,
    ],
  ];
  const broken = checks.find(([holds]) => !holds);
  return broken === undefined ? null : { code: 'relation', path: broken[1], message: broken[2] };
}
