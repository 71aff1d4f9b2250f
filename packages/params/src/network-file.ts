// A parameter object as text: how `rnt network create` hands a network to others, and what the network id is taken over (NET-4).

import type {
  GenesisConstants,
  GenesisParams,
  EmissionParams,
  InitAmplitudes,
  NetworkParams,
  RecoveryParams,
  RotationParams,
  ShapeParams,
  VocabularyParams,
} from './network-params.ts';
import { MAX_LAYERS, MAX_MONEY, MAX_VAL_LOSS, MAX_WIDTH } from './protocol-constants.ts';
import { brokenRelation } from './relations.ts';
import {
  amplitude,
  choice,
  decimal,
  type Field,
  flag,
  hex32,
  integer,
  list,
  nullable,
  object,
  SchemaError,
  type SchemaProblem,
  text,
} from './schema.ts';

/** Longest network file, characters: ten times what the largest legal one needs. */
export const MAX_NETWORK_FILE_LENGTH = 65_536;

/** Most D_vals in a network file; each is a slice of a corpus, 64 of them last for as many stalls. */
export const MAX_DVALS = 64;

const U24_MAX = 2 ** 24 - 1;

const shape: Field<ShapeParams> = object<ShapeParams>({ width: integer(2, MAX_WIDTH), layers: integer(1, MAX_LAYERS) });

const blocks = integer(1, U24_MAX);

const constants: Field<GenesisConstants> = object<GenesisConstants>({
  valLoss: integer(1, MAX_VAL_LOSS),
  lossRoot: hex32(),
  checkpointRoot: hex32(),
  dvalIds: list(hex32(), 2, MAX_DVALS),
});

/** The fields in the order of the canonical text. */
const networkFile: Field<NetworkParams> = object<NetworkParams>({
  name: text(/^[a-z][a-z0-9-]{0,31}$/, '1 to 32 characters a-z, 0-9 or -, the first a letter'),
  magic: text(/^[A-Z0-9]{4}$/, 'four characters A-Z or 0-9'),
  addressPrefix: text(/^[a-z]{1,10}$/, '1 to 10 letters a-z'),
  lightningPrefix: text(/^ln[a-z]{1,10}$/, "'ln' and the address prefix"),
  ports: object<NetworkParams['ports']>({
    p2p: integer(1, 65_535),
    rpc: integer(1, 65_535),
    lightning: integer(1, 65_535),
  }),
  base58Version: integer(0, 255),
  coinType: integer(0, 2 ** 31 - 1),
  vocabulary: object<VocabularyParams>({
    kind: choice(['gpt2', 'bytes']),
    size: integer(2, 65_536),
    startId: integer(0, 65_535),
  }),
  baseShape: shape,
  capShape: shape,
  dval: object<NetworkParams['dval']>({ windows: integer(1, 4096), windowSize: integer(1, 1023) }),
  lossStep: integer(0, MAX_VAL_LOSS),
  spacingBase: integer(0, 86_400),
  stallIntervalBase: integer(1, 31_536_000),
  patience: integer(1, 1000),
  coinbaseMaturity: integer(1, 65_535),
  finalityDepth: integer(1, 65_535),
  maxBlockBytes: integer(1000, 16_777_216),
  maxTransactionBytes: integer(100, 16_777_216),
  maxBlockSignatures: integer(1, 1_000_000),
  subsidy: decimal(0n, MAX_MONEY),
  emission: object<EmissionParams>({ fullGain: integer(0, 1_000_000), doubleGain: integer(1, 1_000_000) }),
  minRelayFee: integer(0, 1_000_000),
  recovery: object<RecoveryParams>({
    heartbeatIntervalMin: blocks,
    heartbeatIntervalMax: blocks,
    heartbeatTimeoutMin: blocks,
    heartbeatTimeoutMax: blocks,
    socialWaitMin: blocks,
    emissionReturnMin: blocks,
    builtInReturn: blocks,
    base58Return: blocks,
    channelReturn: blocks,
    channelClose: blocks,
  }),
  rotation: object<RotationParams>({
    window: blocks,
    lockIn: blocks,
    delay: blocks,
    notice: blocks,
    cancel: blocks,
    expiry: blocks,
    bond: decimal(0n, MAX_MONEY),
  }),
  initAmplitudes: object<InitAmplitudes>({
    embed: amplitude(),
    taps: amplitude(),
    wz: amplitude(),
    wh: amplitude(),
    wq: amplitude(),
    keys: amplitude(),
    values: amplitude(),
    wgate: amplitude(),
    wup: amplitude(),
  }),
  testClock: flag(),
  genesis: object<GenesisParams>({
    timestamp: decimal(0n, 2n ** 53n - 1n),
    weightSeed: hex32(),
    constants: nullable(constants),
  }),
});

export type ParsedNetwork =
  | { readonly ok: true; readonly params: NetworkParams }
  | ({ readonly ok: false } & SchemaProblem);

/**
 * Reads a network file. Field order and white space are free here (the id is taken over the canonical text); unknown, missing or
 * contradictory fields are refused with the field's path. Never throws for any text.
 */
export function parseNetworkParams(json: string): ParsedNetwork {
  if (json.length > MAX_NETWORK_FILE_LENGTH) {
    const message = `the text has ${json.length} characters, the limit is ${MAX_NETWORK_FILE_LENGTH}`;
    return { ok: false, code: 'too-long', path: '', message };
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, code: 'not-json', path: '', message: 'the text is not JSON' };
  }
  try {
    const params = networkFile.read(value, '');
    const broken = brokenRelation(params);
    return broken === null ? { ok: true, params } : { ok: false, ...broken };
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return { ok: false, ...error.problem };
  }
}

/** The canonical text of a parameter object: one line of ASCII, fields in order, no white space (NET-4). */
export function serialiseNetworkParams(params: NetworkParams): string {
  return networkFile.write(params);
}
