// A backend with a fast code that a compiler got wrong.

import type { Backend, EvalWindow, WindowResult } from '@resonancenet/kernels/backend';

/** What the wrong code makes of a window's true result. */
export type Lie = (window: EvalWindow, result: WindowResult) => WindowResult;

export interface MiscompiledBackend extends Backend {
  /** Why its fast code was given up. */
  readonly told: readonly string[];
}

export const quantumLow = (result: WindowResult): WindowResult =>
  result.ok ? { ok: true, sum: result.sum - 1 } : result;

/** `honest` computes the truth; the plain code tells it. */
export function miscompiled(honest: Backend, lie: Lie): MiscompiledBackend {
  const told: string[] = [];
  return {
    name: 'miscompiled',
    exact: true,
    told,
    get usesFastCode(): boolean {
      return told.length === 0;
    },
    distrust: (why) => {
      told.push(why);
    },
    evaluator: async (weights) => {
      const evaluator = await honest.evaluator(weights);
      return {
        evaluate: async (windows, onWindow) => {
          const results: WindowResult[] = [];
          for (const window of windows) {
            const [result] = await evaluator.evaluate([window]);
            if (result === undefined) throw new Error('the honest evaluator gives a result for a window');
            const given = told.length === 0 ? lie(window, result) : result;
            results.push(given);
            if (onWindow?.(results.length - 1, given) === false) break;
          }
          return results;
        },
        secondOpinion: (window) => evaluator.secondOpinion(window),
        logits: (inputs) => evaluator.logits(inputs),
        close: () => evaluator.close(),
      };
    },
    decoder: (weights) => honest.decoder(weights),
    trainer: (options) => honest.trainer(options),
    close: async () => {},
  };
}
