// For tests: gradients of the binary64 reference against central differences of its own forward pass.

import type { ModelShape } from '@resonancenet/model/shape';
import { parameterCount } from '@resonancenet/model/shape';
import { modelViews } from '@resonancenet/model/tensor-views';
import { type TensorSpec, tensorSpecs } from '@resonancenet/model/tensors';
import { randomisedParameters } from '@resonancenet/model/testing/randomised-weights';
import type { TrainBatch } from '../backend.ts';
import { type Activations, backward, forward, newActivations } from '../reference/forward-backward.ts';

/** How well the analytic gradient of one tensor agrees with its central differences. */
export interface Agreement {
  readonly name: string;
  readonly entries: number;
  readonly cosine: number;
  /** |analytic| / |numeric|, Euclidean. */
  readonly normRatio: number;
  /** Largest difference of one entry, relative to the largest numeric entry of the tensor. */
  readonly worst: number;
}

/** The first branch whose output depends on the tensor: 4 layer + {0 convolution, 1 minGRU, 2 slots, 3 SwiGLU}. */
function firstBranchOf(spec: TensorSpec, shape: ModelShape): number {
  if (spec.layer < 0) return spec.kind === 'embed' ? 0 : 4 * shape.layers;
  const branch = ['conv', 'gru', 'slot', 'ffn'].indexOf(spec.name.split('.')[2]!);
  return 4 * spec.layer + branch;
}

/** Ids of a batch that repeat, so that every embedding row is read and predicted often. */
export function sampleBatch(vocab: number, batch: number, window: number): TrainBatch {
  const ids = Array.from({ length: batch * window + 1 }, (_, i) => (i * i + 3 * (i >> 2)) % vocab);
  return { inputs: Uint16Array.from(ids.slice(0, -1)), targets: Uint16Array.from(ids.slice(1)), batch, window };
}

/**
 * Compares every tensor. `entriesOf` picks the elements of a tensor to perturb. Tensors are taken from the last branch to the first, so that the pass may start at
 * the perturbed branch: what lies before still holds the activations of the unperturbed parameters.
 * `step` must not carry a candidate across 0, where g has a kink (MOD-5): the more candidates, the smaller.
 */
export function checkGradients(
  shape: ModelShape,
  batch: TrainBatch,
  seed: number,
  entriesOf: (spec: TensorSpec) => Iterable<number>,
  step = 1e-4,
): Agreement[] {
  const parameters = Float64Array.from(randomisedParameters(shape, seed));
  const views = modelViews(shape, parameters);
  const saved = newActivations(shape, batch.inputs.length);
  forward(shape, views, batch, saved);
  const gradient = new Float64Array(parameterCount(shape));
  backward(shape, views, batch, saved, modelViews(shape, gradient));
  const specs = tensorSpecs(shape).sort((a, b) => firstBranchOf(b, shape) - firstBranchOf(a, shape));
  return specs.map((spec) => compareTensor(spec));

  function compareTensor(spec: TensorSpec): Agreement {
    const analytic: number[] = [];
    const numeric: number[] = [];
    for (const entry of entriesOf(spec)) {
      const at = spec.offset + entry;
      numeric.push(centralDifference(at, firstBranchOf(spec, shape), saved));
      analytic.push(gradient[at]!);
    }
    return agreement(spec.name, analytic, numeric);
  }

  function centralDifference(at: number, firstBranch: number, activations: Activations): number {
    const value = parameters[at]!;
    parameters[at] = value + step;
    const above = forward(shape, views, batch, activations, firstBranch);
    parameters[at] = value - step;
    const below = forward(shape, views, batch, activations, firstBranch);
    parameters[at] = value;
    return (above - below) / (2 * step);
  }
}

function agreement(name: string, analytic: readonly number[], numeric: readonly number[]): Agreement {
  const norm = (v: readonly number[]): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  const inner = analytic.reduce((sum, x, i) => sum + x * numeric[i]!, 0);
  const largest = Math.max(...numeric.map(Math.abs));
  return {
    name,
    entries: analytic.length,
    cosine: inner / (norm(analytic) * norm(numeric)),
    normRatio: norm(analytic) / norm(numeric),
    worst: Math.max(...analytic.map((x, i) => Math.abs(x - numeric[i]!))) / largest,
  };
}
