// Checkpoints on disk, for programs that work with one model: the node keeps its own in packages/storage.

import { readFileSync } from 'node:fs';
import { toHex } from '@resonancenet/bytes/hex';
import { type Checkpoint, checkpointRoot, encodeCheckpoint, parseCheckpoint } from '@resonancenet/model/checkpoint';
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

/**
 * Reads and checks a checkpoint of any vocabulary.
 * @throws CheckpointFileError with the code of the rule that it breaks (spec/checkpoint.md)
 */
export function readWeights(path: string): Checkpoint {
  const result = parseCheckpoint(readFileSync(path));
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

/** Writes a checkpoint whole or not at all. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  replaceFile(path, [encodeCheckpoint(checkpoint)]);
}

/** The id of a checkpoint file, hex (CKPT-6). */
export function checkpointRootOfFile(path: string): string {
  return toHex(checkpointRoot(readFileSync(path)));
}
