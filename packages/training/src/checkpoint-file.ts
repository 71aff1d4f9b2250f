// Checkpoints on disk, for programs that work with one model: the node keeps its own in packages/storage.

import { readFileSync, statSync } from 'node:fs';
import { toHex } from '@resonancenet/bytes/hex';
import { type Checkpoint, checkpointRoot, encodeCheckpoint, parseCheckpoint } from '@resonancenet/model/checkpoint';
import { type CheckpointDescription, encodeCheckpointHeader } from '@resonancenet/model/checkpoint-header';
import { parameterCount } from '@resonancenet/model/shape';
import { type VocabularyName, vocabularyOfSize } from '@resonancenet/tokenizer/tokenizer';
import { replaceFile } from './write-file.ts';

export interface LoadedCheckpoint extends Checkpoint {
  readonly vocabulary: VocabularyName;
}

export class CheckpointFileError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Bytes of the largest file that can be read: Node reads a file into one buffer of at most this length. */
export const MAX_CHECKPOINT_BYTES: number = 2 ** 31 - 1;

/**
 * A checkpoint file's bytes, unchecked.
 * @throws CheckpointFileError `checkpoint-too-large`
 */
export function readCheckpointBytes(path: string): Uint8Array<ArrayBuffer> {
  const { size } = statSync(path);
  if (size > MAX_CHECKPOINT_BYTES) throw tooLarge(`${path} has ${size.toLocaleString('en')} bytes`);
  return readFileSync(path);
}

/**
 * Refuses a model whose checkpoint nobody could read, before anything is computed for it.
 * @throws CheckpointFileError `checkpoint-too-large`
 */
export function checkCheckpointSize(description: CheckpointDescription): void {
  const { layers, width } = description.shape;
  const bytes = encodeCheckpointHeader(description).length + 2 * parameterCount(description.shape);
  if (bytes > MAX_CHECKPOINT_BYTES)
    throw tooLarge(`${layers} layers of width ${width} make a file of ${bytes.toLocaleString('en')} bytes`);
}

function tooLarge(what: string): CheckpointFileError {
  return new CheckpointFileError(
    'checkpoint-too-large',
    `${what}: checkpoints end at ${MAX_CHECKPOINT_BYTES.toLocaleString('en')} bytes here, some 1,070 million parameters, because Node reads a file into one buffer. Use a smaller model, or a version of this program that can read more.`,
  );
}

/**
 * Reads and checks a checkpoint of any vocabulary.
 * @throws CheckpointFileError with the code of the rule that it breaks (spec/checkpoint.md), or `checkpoint-too-large`
 */
export function readWeights(path: string): Checkpoint {
  const result = parseCheckpoint(readCheckpointBytes(path));
  if (!result.ok)
    throw new CheckpointFileError(
      result.code,
      `${path} is no valid checkpoint (${result.code}): ${result.detail}. Give a file that rnt model train, grow or a node wrote.`,
    );
  return result.checkpoint;
}

/**
 * Reads and checks a checkpoint that is to work with text.
 * @throws CheckpointFileError as `readWeights` does, or `unknown-vocabulary`
 */
export function readCheckpoint(path: string): LoadedCheckpoint {
  const checkpoint = readWeights(path);
  const vocabulary = vocabularyOfSize(checkpoint.shape.vocab);
  if (vocabulary === null) {
    throw new CheckpointFileError(
      'unknown-vocabulary',
      `${path} has a vocabulary of ${checkpoint.shape.vocab} ids; text needs one of 256 (bytes) or 50,257 (GPT-2).`,
    );
  }
  return { ...checkpoint, vocabulary };
}

/**
 * Writes a checkpoint whole or not at all.
 * @throws CheckpointFileError `checkpoint-too-large`, WriteFileError
 */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  checkCheckpointSize(checkpoint);
  replaceFile(path, [encodeCheckpoint(checkpoint)]);
}

/** The id of a checkpoint file, hex (CKPT-6). */
export function checkpointRootOfFile(path: string): string {
  return toHex(checkpointRoot(readCheckpointBytes(path)));
}
