// What a network needs on disk before its chain can start: validation sets and the first model. Both are rebuilt on first use from the
// installed corpus and the weight seed, and checked against the parameter object.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '@resonancenet/bytes/hex';
import { cutDvals } from '@resonancenet/corpus/dvals';
import type { EvalWindow } from '@resonancenet/kernels/backend';
import { encodeCheckpoint } from '@resonancenet/model/checkpoint';
import { decodeDval, dvalId, encodeDval } from '@resonancenet/params/dval';
import { requireGenesis } from '@resonancenet/params/genesis-constants';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { CheckpointFiles } from '@resonancenet/storage/checkpoint-files';
import { evalWindows } from '@resonancenet/training/eval-windows';
import { genesisCheckpoint } from '@resonancenet/training/genesis-checkpoint';
import { replaceFile } from '@resonancenet/training/write-file';

export class NetworkDataError extends Error {
  readonly code = 'network-data';
}

/** Bytes of a set that was revealed on the chain, by its hex id; null if there is none. */
type RevealedDval = (id: string) => Uint8Array | null;

/** Validation sets by id: those of the network, kept in a folder as little-endian u16, and those that were revealed on the chain. */
export class DvalFolder {
  readonly #params: NetworkParams;
  readonly #folder: string;
  readonly #cache = new Map<string, readonly EvalWindow[]>();
  #revealed: RevealedDval = () => null;

  constructor(params: NetworkParams, folder: string) {
    this.#params = params;
    this.#folder = folder;
  }

  /**
   * Windows of a validation set of the network's list, or of one that was revealed on the chain.
   * @throws NetworkDataError if its file is missing or is not what its name says
   */
  windows(id: string): readonly EvalWindow[] {
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    const bytes = this.#revealed(id) ?? this.#read(id);
    const decoded = decodeDval(bytes, this.#params);
    if (!decoded.ok) throw new NetworkDataError(`${this.#path(id)}: ${decoded.message}.`);
    const { startId } = this.#params.vocabulary;
    const windows = decoded.windows.flatMap((targets) => evalWindows(targets, targets.length, startId));
    this.#cache.set(id, windows);
    return windows;
  }

  /** Where sets come from that are not in the folder. */
  setRevealed(revealed: RevealedDval): void {
    this.#revealed = revealed;
  }

  has(id: string): boolean {
    return existsSync(this.#path(id));
  }

  /** Writes one validation set under its id, which is returned. */
  add(ids: Uint16Array): string {
    const bytes = encodeDval(ids);
    const id = toHex(dvalId(bytes));
    mkdirSync(this.#folder, { recursive: true });
    replaceFile(this.#path(id), [bytes]);
    return id;
  }

  #read(id: string): Uint8Array {
    const path = this.#path(id);
    if (!existsSync(path))
      throw new NetworkDataError(
        `The validation set ${id} is missing: ${path}. Restore the file that came with the network.`,
      );
    const bytes = readFileSync(path);
    if (toHex(dvalId(bytes)) !== id)
      throw new NetworkDataError(`${path} is damaged: its content has another id. Delete it and start again.`);
    return bytes;
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.u16`);
  }
}

/** Makes sure that all validation sets are there; those of the committed networks are cut from the installed corpus. */
export async function prepareDvals(params: NetworkParams, dvals: DvalFolder): Promise<void> {
  const { dvalIds } = requireGenesis(params);
  if (dvalIds.every((id) => dvals.has(id))) return;
  const { windows, windowSize } = params.dval;
  const sets = await cutDvals({
    vocabulary: params.vocabulary.kind,
    windows,
    length: windowSize,
    count: dvalIds.length,
  });
  const ids = sets.map((set) => dvals.add(set));
  const wrong = dvalIds.findIndex((id, i) => ids[i] !== id);
  if (wrong >= 0 && !dvals.has(dvalIds[wrong] ?? '')) {
    throw new NetworkDataError(
      `Validation set ${wrong} of network '${params.name}' is ${dvalIds[wrong]}, but the installed corpus gives ${ids[wrong]}. A network of your own needs the files that were made with it.`,
    );
  }
}

/** Builds the genesis checkpoint from its seed if it is not there yet. */
export function prepareGenesisCheckpoint(params: NetworkParams, checkpoints: CheckpointFiles, scratch: string): void {
  const { checkpointRoot } = requireGenesis(params);
  if (checkpoints.isComplete(checkpointRoot)) return;
  mkdirSync(scratch, { recursive: true });
  const path = join(scratch, 'genesis.safetensors');
  replaceFile(path, [encodeCheckpoint(genesisCheckpoint(params))]);
  const root = checkpoints.importFile(path);
  if (root !== checkpointRoot) {
    checkpoints.delete(root);
    throw new NetworkDataError(
      `The genesis model of '${params.name}' came out as ${root}, expected ${checkpointRoot}: this program and the parameter object do not belong together.`,
    );
  }
}
