// `rnt model grow`: a larger model that computes exactly the same function.

import { growWeights } from '@resonancenet/model/growth';
import { isValidShape, MAX_LAYERS, MAX_WIDTH, parameterCount } from '@resonancenet/model/shape';
import { initAmplitudes } from '@resonancenet/params/init-amplitudes';
import { BASE_GROWTH, LAYER_THRESHOLD } from '@resonancenet/params/protocol-constants';
import { checkCheckpointSize, readWeights, writeCheckpoint } from '@resonancenet/training/checkpoint-file';
import { weightSeed } from '@resonancenet/training/initial-weights';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { prepareOut } from '../out-file.ts';
import { seedOption, wholeNumber } from '../options.ts';
import { parseWidthAndLayers } from './model-config.ts';

interface GrowOptions {
  readonly checkpoint: string;
  readonly out: string;
  readonly growth: number;
  readonly cap?: string;
  readonly seed: number;
  readonly json?: boolean;
}

const help = `
Examples:
  $ rnt model grow --checkpoint m.safetensors --growth 2 --out wider.safetensors
  $ rnt model grow --checkpoint m.safetensors --growth 128 --out deeper.safetensors
  $ rnt model grow --checkpoint tip.safetensors --growth 2 --cap d=128,layers=4 --out next.safetensors

Every ${BASE_GROWTH} of growth widen the model by ${BASE_GROWTH}, every ${LAYER_THRESHOLD} add a layer, as the chain does it block by block. The loss stays the same to the last bit.`;

export function addGrowCommand(model: Command): void {
  model
    .command('grow')
    .description('Enlarge a checkpoint without changing what it computes')
    .requiredOption('--checkpoint <file>', 'model to grow')
    .requiredOption('--growth <n>', 'growth to add', wholeNumber(1, 1e6))
    .requiredOption('--out <file>', 'checkpoint to write')
    .option('--cap <shape>', `largest shape, as a network sets it (default: d=${MAX_WIDTH},layers=${MAX_LAYERS})`)
    .addOption(seedOption('seed of the new weights'))
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(grow);
}

function grow(options: GrowOptions): void {
  const cap =
    options.cap === undefined ? { width: MAX_WIDTH, layers: MAX_LAYERS } : parseWidthAndLayers('--cap', options.cap);
  prepareOut(options.out);
  const { shape: from, baseLayers, growth: before, data } = readWeights(options.checkpoint);
  const growth = before + options.growth;
  const shape = {
    ...from,
    width: Math.min(from.baseWidth + BASE_GROWTH * Math.floor(growth / BASE_GROWTH), cap.width),
    layers: Math.min(baseLayers + Math.floor(growth / LAYER_THRESHOLD), cap.layers),
  };
  if (!isValidShape(shape) || shape.width < from.width || shape.layers < from.layers)
    throw new UsageError(
      `--cap ${options.cap}: the model has ${from.layers} layers of width ${from.width} already. Give a cap that is not below it.`,
    );
  checkCheckpointSize({ shape, baseLayers, growth });
  const grown = growWeights(from, data, shape, weightSeed(options.seed), initAmplitudes(from.baseWidth));
  writeCheckpoint(options.out, { shape, baseLayers, growth, data: grown });
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
