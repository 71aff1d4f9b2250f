// The reference backend: plain TypeScript on one thread. It is the definition, so it is exact, and slow.

import type { Backend, Bf16Weights, Decoder, ExactEvaluator, Trainer, TrainerOptions } from '../backend.ts';
import { ReferenceDecoder, ReferenceEvaluator } from './reference-inference.ts';
import { ReferenceTrainer } from './reference-trainer.ts';

export function createReferenceBackend(): Backend {
  return {
    name: 'reference',
    exact: true,
    usesFastCode: false,
    distrust: (): void => {},
    evaluator: async (weights: Bf16Weights): Promise<ExactEvaluator> => new ReferenceEvaluator(weights),
    decoder: async (weights: Bf16Weights): Promise<Decoder> => new ReferenceDecoder(weights),
    trainer: async (options: TrainerOptions): Promise<Trainer> => new ReferenceTrainer(options),
    close: async (): Promise<void> => {},
  };
}
