// What connecting ended with, in the words of a test.

import { explain } from '@resonancenet/consensus/explain';
import type { ConnectResult } from '../connect-result.ts';

/** `valid`, the code of the refusal, or `needs a loss`. A refusal must be one that can be explained. */
export function outcome(result: ConnectResult): string {
  if (result.ok) return 'valid';
  if (result.code === null) return 'needs a loss';
  return explain(result) === '' ? 'not explained' : result.code;
}
