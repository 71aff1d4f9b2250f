// A parameter object for a new network, and its validation sets, from any text (NET-4 to NET-7).

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { toHex } from '@resonancenet/bytes/hex';
import { dvalId, dvalTokens, encodeDval } from '@resonancenet/params/dval';
import { initAmplitudes } from '@resonancenet/params/init-amplitudes';
import { MAX_DVALS, parseNetworkParams, serialiseNetworkParams } from '@resonancenet/params/network-file';
import type { NetworkParams, ShapeParams } from '@resonancenet/params/network-params';
import { networks } from '@resonancenet/params/networks';
import { MAX_LAYERS, MAX_WIDTH } from '@resonancenet/params/protocol-constants';
import { decodeAll, type Tokenizer } from '@resonancenet/tokenizer/tokenizer';

/** What the maker of a network chooses; whatever is left out is taken from `like` or follows from the name. */
export interface NetworkPlan {
  readonly name: string;
  /** A committed network whose other constants are taken over. */
  readonly like: NetworkParams;
  readonly vocabulary?: 'bytes' | 'gpt2' | undefined;
  readonly base?: ShapeParams | undefined;
  readonly cap?: ShapeParams | undefined;
  readonly windows?: number | undefined;
  readonly windowSize?: number | undefined;
  readonly lossStep?: number | undefined;
  readonly spacing?: number | undefined;
  readonly stallInterval?: number | undefined;
  readonly magic?: string | undefined;
  readonly addressPrefix?: string | undefined;
  /** P2P port; RPC takes the one before, Lightning the one after. */
  readonly port?: number | undefined;
  /** Tells networks of one name and shape apart. */
  readonly seed: number;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** The plan is no network: `path` is the field of the parameter object, the message says what would be right. */
export class NetworkPlanError extends Error {
  readonly code = 'network-plan';
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** Validation sets cannot be cut from the text. */
export class TextError extends Error {
  readonly code: 'text-too-short' | 'text-repeats';
  constructor(code: TextError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const vocabularies = {
  bytes: { kind: 'bytes', size: 256, startId: 0 },
  gpt2: { kind: 'gpt2', size: 50_257, startId: 50_256 },
} as const;

/** First and number of the port groups that names are spread over: below the ports that systems hand out, apart from the committed networks'. */
const firstPort = 21_005;
const portGroups = 800;

function nameHash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Four characters after the name, none of a committed network. */
function magicOf(name: string): string {
  const letters = `${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}XXX`.slice(0, 4);
  return networks.some(({ magic }) => magic === letters) ? `${letters.slice(0, 3)}0` : letters;
}

function prefixOf(name: string): string {
  const letters = name.replace(/[^a-z]/g, '').slice(0, 10);
  return networks.some(({ addressPrefix }) => addressPrefix === letters) ? `${letters}x` : letters;
}

function shapesOf(plan: NetworkPlan): { readonly baseShape: ShapeParams; readonly capShape: ShapeParams } {
  const { like, base, cap } = plan;
  if (base === undefined) return { baseShape: like.baseShape, capShape: cap ?? like.capShape };
  // Room to grow as the model network gives it.
  const grown = {
    width: 2 * Math.floor((base.width * like.capShape.width) / like.baseShape.width / 2),
    layers: Math.floor((base.layers * like.capShape.layers) / like.baseShape.layers),
  };
  const largest = { width: Math.min(grown.width, MAX_WIDTH), layers: Math.min(grown.layers, MAX_LAYERS) };
  return { baseShape: base, capShape: cap ?? largest };
}

function refuseCommitted(params: NetworkParams): void {
  for (const other of networks) {
    if (params.name === other.name)
      throw new NetworkPlanError('name', `'${params.name}' is a network that exists already. Choose another name.`);
    if (params.magic === other.magic)
      throw new NetworkPlanError('magic', `'${params.magic}' is the magic of ${other.name}. Choose another.`);
    if (params.addressPrefix === other.addressPrefix)
      throw new NetworkPlanError(
        'addressPrefix',
        `'${params.addressPrefix}' is the prefix of ${other.name}'s addresses: people would send coins to the wrong network. Choose another.`,
      );
  }
}

/**
 * The parameter object of a plan, its genesis constants still to be computed.
 * @throws NetworkPlanError naming the field that breaks a range or relation of NET-5, or that a committed network has
 */
export function planNetwork(plan: NetworkPlan): NetworkParams {
  const { name, like } = plan;
  const { baseShape, capShape } = shapesOf(plan);
  const addressPrefix = plan.addressPrefix ?? prefixOf(name);
  const p2p = plan.port ?? firstPort + 10 * (nameHash(name).readUInt32LE() % portGroups);
  const params: NetworkParams = {
    ...like,
    name,
    magic: plan.magic ?? magicOf(name),
    addressPrefix,
    lightningPrefix: `ln${addressPrefix}`,
    ports: { p2p, rpc: p2p - 1, lightning: p2p + 1 },
    vocabulary: plan.vocabulary === undefined ? like.vocabulary : vocabularies[plan.vocabulary],
    baseShape,
    capShape,
    dval: { windows: plan.windows ?? like.dval.windows, windowSize: plan.windowSize ?? like.dval.windowSize },
    lossStep: plan.lossStep ?? like.lossStep,
    spacingBase: plan.spacing ?? like.spacingBase,
    stallIntervalBase: plan.stallInterval ?? like.stallIntervalBase,
    initAmplitudes: initAmplitudes(baseShape.width),
    genesis: {
      timestamp: BigInt(plan.timestamp),
      weightSeed: nameHash(`resonancenet/${name}/weights/${plan.seed}`).toString('hex'),
      constants: null,
    },
  };
  const checked = parseNetworkParams(serialiseNetworkParams(params));
  if (!checked.ok) throw new NetworkPlanError(checked.path, `${checked.message}.`);
  refuseCommitted(params);
  return params;
}

export interface ValidationSets {
  /** The first, from the very end of the text, is in force at genesis. */
  readonly dvals: readonly Uint16Array[];
  /** Bytes at the beginning of the text with nothing of a validation set in them: what miners may train on. */
  readonly trainingBytes: number;
}

/** Validation sets take at most this share of the text; the rest is for training. */
const largestShare = 0.5;

/** Bytes to read for each id of GPT-2: twice what English text has. More are read where that is not enough. */
const bytesPerId = 8;

interface Tail {
  /** Offset of its first byte in the file. */
  readonly start: number;
  readonly ids: Uint16Array;
}

function readTail(file: number, length: number, tokenizer: Tokenizer, bytesWanted: number): Tail {
  let start = Math.max(0, length - bytesWanted);
  const bytes = Buffer.alloc(length - start);
  let done = 0;
  while (done < bytes.length) {
    const got = readSync(file, bytes, done, bytes.length - done, start + done);
    if (got === 0)
      throw new TextError('text-too-short', 'The text became shorter while it was being read. Restore it.');
    done += got;
  }
  if (tokenizer.name === 'bytes') return { start, ids: Uint16Array.from(bytes) };
  // Not in the middle of a character: continuation bytes of UTF-8 begin with the bits 10.
  let skip = 0;
  while (start > 0 && skip < 3 && ((bytes[skip] ?? 0) & 0xc0) === 0x80) skip += 1;
  start += skip;
  return { start, ids: tokenizer.encode(bytes.subarray(skip).toString('utf8')) };
}

/** Bytes of the ids' text, or a few less where it ends inside a character. */
function bytesOf(ids: Uint16Array, tokenizer: Tokenizer): number {
  if (tokenizer.name === 'bytes') return ids.length;
  return Math.max(0, Buffer.byteLength(decodeAll(tokenizer, ids)) - 4);
}

/**
 * Cuts `count` validation sets from the end of a text file, of which only the end is read.
 * @throws TextError saying how much is needed, or that two sets are the same
 */
export function cutValidationSets(
  path: string,
  tokenizer: Tokenizer,
  params: NetworkParams,
  count: number,
): ValidationSets {
  const size = dvalTokens(params);
  const wanted = size * count;
  const file = openSync(path, 'r');
  try {
    const { size: length } = fstatSync(file);
    let bytes = wanted * (tokenizer.name === 'bytes' ? 1 : bytesPerId);
    let tail = readTail(file, length, tokenizer, bytes);
    while (tail.ids.length < wanted && tail.start > 0) {
      bytes *= 2;
      tail = readTail(file, length, tokenizer, bytes);
    }
    const unused = Math.max(0, tail.ids.length - wanted);
    const trainingBytes = tail.start + bytesOf(tail.ids.subarray(0, unused), tokenizer);
    if (tail.ids.length < wanted || length - trainingBytes > largestShare * length) {
      const perId = (length - trainingBytes) / Math.min(wanted, Math.max(1, tail.ids.length));
      throw tooShort(path, length, perId, params, count);
    }
    const dvals = Array.from({ length: count }, (_, i) => {
      const end = tail.ids.length - i * size;
      return tail.ids.slice(end - size, end);
    });
    if (new Set(dvals.map((ids) => toHex(dvalId(encodeDval(ids))))).size < count)
      throw new TextError(
        'text-repeats',
        `Two validation sets from the end of ${path} are the same: the text repeats itself. Give a text that does not.`,
      );
    return { dvals, trainingBytes };
  } finally {
    closeSync(file);
  }
}

/** `perId`: bytes of text for each id. */
function tooShort(path: string, length: number, perId: number, params: NetworkParams, count: number): Error {
  const { windows, windowSize } = params.dval;
  const setBytes = perId * windows * windowSize;
  const fit = Math.min(MAX_DVALS, Math.floor((largestShare * length) / setBytes));
  const smaller = fit >= 2 ? `--reserve ${fit - 1}` : 'smaller --windows or --window-size';
  const needed = Math.ceil((count * setBytes) / largestShare);
  return new TextError(
    'text-too-short',
    `${path} is too short: ${count} validation sets of ${windows} x ${windowSize} tokens and at least as much to train on need about ${needed} bytes, it has ${length}. Give a longer text, or ${smaller}.`,
  );
}
