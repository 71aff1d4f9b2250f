// The start-up self-test: a backend whose bits are not those of the definition on this machine is refused, whatever the reason (a compiler that fuses, hardware that
// flushes, a broken build). The same test serves every backend.

import type { Backend } from './backend.ts';
import { digestBits, GOLDEN_MODELS, type GoldenModel, goldenWeights, goldenWindows } from './golden-model.ts';
import { KernelError } from './kernel-error.ts';

/**
 * Evaluates and decodes the golden models. `rounds` > 1 repeats the evaluation: engines compile what runs often once more, and that code must pass too.
 * Throws KernelError SELF_TEST_FAILED, which names the first difference.
 */
export async function verifyExactness(
  backend: Backend,
  rounds = 1,
  models: readonly GoldenModel[] = GOLDEN_MODELS,
): Promise<void> {
  for (const model of models) {
    await verifyEvaluator(backend, model, rounds);
    await verifyDecoder(backend, model);
  }
}

/** A KernelError SELF_TEST_FAILED unless the two are equal. */
export function expectBits(backend: string, what: string, computed: number, expected: number): void {
  if (computed === expected) return;
  throw new KernelError(
    'SELF_TEST_FAILED',
    `The backend '${backend}' computes ${what} as ${computed} where the definition gives ${expected}.`,
  );
}

async function verifyEvaluator(backend: Backend, model: GoldenModel, rounds: number): Promise<void> {
  const windows = goldenWindows(model);
  const evaluator = await backend.evaluator(goldenWeights(model));
  try {
    for (let round = 0; round < rounds; round++) {
      const results = await evaluator.evaluate(windows);
      for (const [i, expected] of model.sums.entries()) {
        const result = results[i];
        const sum = result?.ok === true ? result.sum : Number.NaN;
        expectBits(backend.name, `the loss of window ${i} of model ${model.seed}`, sum, expected);
      }
      for (const [i, { inputs }] of windows.entries()) {
        const digest = digestBits(await evaluator.logits(inputs));
        expectBits(
          backend.name,
          `the digest of the logits of window ${i} of model ${model.seed}`,
          digest,
          model.logits[i]!,
        );
      }
    }
  } finally {
    await evaluator.close();
  }
}

async function verifyDecoder(backend: Backend, model: GoldenModel): Promise<void> {
  const decoder = await backend.decoder(goldenWeights(model));
  try {
    for (const [i, { inputs }] of goldenWindows(model).entries()) {
      const { vocab } = model.shape;
      const logits = new Float32Array(inputs.length * vocab);
      decoder.reset();
      for (const [t, id] of inputs.entries()) logits.set(decoder.step(id), t * vocab);
      expectBits(
        backend.name,
        `the digest of the decoded window ${i} of model ${model.seed}`,
        digestBits(logits),
        model.logits[i]!,
      );
    }
  } finally {
    await decoder.close();
  }
}
