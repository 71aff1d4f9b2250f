// Ctrl-C in long work: the first asks for an orderly end, a second one ends at once.

import { Interrupted } from './errors.ts';

/** One Ctrl-C may arrive several times: from the terminal, from npx and from the launcher. */
const sameMs = 500;

let current: AbortController | null = null;

export interface Interruption {
  /** Aborts, with an `Interrupted`, when an orderly end is wanted. */
  readonly signal: AbortSignal;
  /** Back to the system's way: the next Ctrl-C ends the process. */
  end(): void;
}

/** Takes SIGINT and SIGTERM over until `end`. */
export function takeInterruptions(): Interruption {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (): void => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      controller.abort(new Interrupted());
    } else if (performance.now() - firstAt > sameMs) process.exit(130);
  };
  current = controller;
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    end: () => {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      if (current === controller) current = null;
    },
  };
}

/** When nobody reads the output any more (`rnt ... | head`), work that takes interruptions ends in order, other work at once. */
export function endWhenOutputCloses(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (current === null) process.exit(0);
    current.abort(new Interrupted());
  });
}
