// `rnt model grow`: a larger model that computes exactly the same function.

import { growWeights } from '@resonancenet/model/growth';
import { isValidShape, parameterCount } from '@resonancenet/model/shape';
import { initAmplitudes } from '@resonancenet/params/init-amplitudes';
import { readCheckpoint, writeCheckpoint } from '@resonancenet/training/checkpoint-file';
import { weightSeed } from '@resonancenet/training/initial-weights';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { wholeNumber } from '../options.ts';

interface GrowOptions {
  readonly checkpoint: string;
  readonly out: string;
  readonly growth: number;
  readonly seed: number;
  readonly json?: boolean;
}

const help = `
Examples:
  $ rnt model grow --checkpoint m.safetensors --growth 2 --out wider.safetensors
  $ rnt model grow --checkpoint m.safetensors --growth 128 --out deeper.safetensors

Every 2 of growth widen the model by 2, every 128 add a layer, as the chain does it block by block. The loss stays the same to the last bit.`;

export function addGrowCommand(model: Command): void {
  model
    .command('grow')
    .description('Enlarge a checkpoint without changing what it computes')
    .requiredOption('--checkpoint <file>', 'model to grow')
    .requiredOption('--growth <n>', 'growth to add', wholeNumber(1, 1e6))
    .requiredOption('--out <file>', 'checkpoint to write')
    .option('--seed <n>', 'seed of the new weights', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(grow);
}

function grow(options: GrowOptions): void {
  const checkpoint = readCheckpoint(options.checkpoint);
  const growth = checkpoint.growth + options.growth;
  const base = checkpoint.shape;
  const shape = {
    ...base,
    width: base.baseWidth + 2 * Math.floor(growth / 2),
    layers: checkpoint.baseLayers + Math.floor(growth / 128),
  };
  if (!isValidShape(shape))
    throw new UsageError(
      `--growth ${options.growth} gives ${shape.layers} layers of width ${shape.width}; the largest model is 48 layers of 4096.`,
    );
  const data = growWeights(base, checkpoint.data, shape, weightSeed(options.seed), initAmplitudes(base.baseWidth));
  writeCheckpoint(options.out, { shape, baseLayers: checkpoint.baseLayers, growth, data });
  const record = {
    out: options.out,
    growth,
    dModel: shape.width,
    nLayers: shape.layers,
    parameters: parameterCount(shape),
  };
  if (options.json === true) console.log(JSON.stringify(record));
  else
    console.log(
      `${options.out}: ${record.nLayers} layers of width ${record.dModel}, ${record.parameters.toLocaleString('en')} parameters, growth ${growth}`,
    );
}
