// Waiting for something to become true, with an end and a message that says what did not come.

/** Longest wait of a test that knows no better, milliseconds; generous, because the machine may be busy with other suites. */
export const PATIENCE_MS = 20_000;

export interface WaitOptions {
  /** What is waited for, in words; may look at the state at the end. */
  readonly what: string | (() => string);
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

export class WaitTimeout extends Error {
  readonly code = 'wait-timeout';
}

/**
 * Asks again and again until the answer is neither undefined, null nor false, and gives it.
 * @throws WaitTimeout
 */
export async function waitFor<T>(
  ask: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  options: WaitOptions,
): Promise<T> {
  const { what, timeoutMs = PATIENCE_MS, intervalMs = 10 } = options;
  const until = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    if (performance.now() > until) {
      const text = typeof what === 'string' ? what : what();
      throw new WaitTimeout(`${text}: not within ${timeoutMs / 1000} s`);
    }
    await sleep(intervalMs);
  }
}

/** Lets time pass. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** A promise that fails if it takes too long. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new WaitTimeout(`${what}: not within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
