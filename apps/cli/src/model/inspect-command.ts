// `rnt model inspect`: what a checkpoint or a shape is.

import { statSync } from 'node:fs';
import { hiddenWidth, parameterCount } from '@resonancenet/model/shape';
import { tensorSpecs } from '@resonancenet/model/tensors';
import { checkpointRootOfFile, readWeights } from '@resonancenet/training/checkpoint-file';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { parseModelConfig } from './model-config.ts';

interface InspectOptions {
  readonly checkpoint?: string;
  readonly config?: string;
  readonly json?: boolean;
}

const help = `
Examples:
  $ rnt model inspect --config genesis --json
  $ rnt model inspect --checkpoint m.safetensors`;

export function addInspectCommand(model: Command): void {
  model
    .command('inspect')
    .description('Shape, parameters, tensors and id of a checkpoint or a configuration')
    .option('--checkpoint <file>', 'checkpoint to read')
    .option('--config <shape>', "'genesis', 'devnet' or d=128,layers=4,vocab=bytes|gpt2")
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(inspect);
}

function inspect(options: InspectOptions): void {
  if ((options.checkpoint === undefined) === (options.config === undefined))
    throw new UsageError('Give either --checkpoint or --config.');
  const record = options.checkpoint !== undefined ? ofFile(options.checkpoint) : ofConfig(options.config ?? '');
  if (options.json === true) {
    console.log(JSON.stringify(record));
    return;
  }
  const { tensors, ...rest } = record;
  for (const [key, value] of Object.entries(rest)) console.log(`${key.padEnd(12)} ${String(value)}`);
  for (const tensor of tensors) console.log(`  ${tensor.name.padEnd(24)} [${tensor.shape.join(', ')}]`);
}

interface ShapeRecord {
  readonly parameters: number;
  readonly vocab: number;
  readonly dModel: number;
  readonly nLayers: number;
  readonly hidden: number;
  readonly baseWidth: number;
  readonly baseLayers: number;
  readonly growth: number;
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

function ofConfig(text: string): ShapeRecord {
  const { shape, baseLayers } = parseModelConfig(text);
  return describe(shape, baseLayers, 0);
}

function ofFile(path: string): ShapeRecord & Readonly<Record<string, unknown>> {
  const checkpoint = readWeights(path);
  return {
    ...describe(checkpoint.shape, checkpoint.baseLayers, checkpoint.growth),
    bytes: statSync(path).size,
    chunkRoot: checkpointRootOfFile(path),
  };
}

function describe(shape: Parameters<typeof tensorSpecs>[0], baseLayers: number, growth: number): ShapeRecord {
  return {
    parameters: parameterCount(shape),
    vocab: shape.vocab,
    dModel: shape.width,
    nLayers: shape.layers,
    hidden: hiddenWidth(shape.width),
    baseWidth: shape.baseWidth,
    baseLayers,
    growth,
    tensors: tensorSpecs(shape).map((spec) => ({ name: spec.name, shape: [...spec.dims] })),
  };
}
