// The numbers a training run goes by (docs/adr/0002-layer-variant.md says how they were found).

import type { StepHyper } from '@resonancenet/kernels/backend';

export interface Recipe {
  /** Peak learning rate of the 2-D hidden matrices (Muon). */
  readonly muonLr: number;
  /** Peak learning rate of everything else (AdamW). */
  readonly adamLr: number;
  readonly muonMomentum: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  /** Steps of linear warm-up. */
  readonly warmup: number;
  /** Share of the run in which the rates fall to zero. */
  readonly decay: number;
}

export const defaultRecipe: Recipe = {
  muonLr: 0.01,
  adamLr: 0.004,
  muonMomentum: 0.9,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 1,
  warmup: 20,
  decay: 0.75,
};

/** The settings of one update, `factor` being the schedule's. */
export function stepHyper(recipe: Recipe, factor: number): StepHyper {
  return {
    muonLr: recipe.muonLr * factor,
    adamLr: recipe.adamLr * factor,
    muonMomentum: recipe.muonMomentum,
    beta1: recipe.beta1,
    beta2: recipe.beta2,
    epsilon: recipe.epsilon,
    weightDecay: recipe.weightDecay,
    clipNorm: recipe.clipNorm,
  };
}

/**
 * Windows per update where nobody says otherwise. Small models learn most from a text in many small steps; large ones would spend
 * their time in the update itself.
 */
export function defaultBatch(parameters: number): number {
  if (parameters < 4_000_000) return 2;
  return parameters < 16_000_000 ? 4 : 8;
}
