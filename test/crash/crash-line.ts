// What the killed process tells its parent.

import type { StoreDigest } from './store-digest.ts';

export type CrashLine =
  /** It runs: the active chain from genesis as it was found. */
  | { readonly type: 'started'; readonly active: readonly string[]; readonly finalHeight: number }
  | { readonly type: 'finalized'; readonly height: number; readonly id: string }
  | { readonly type: 'tip'; readonly height: number; readonly id: string }
  /** A step of the script and all that follows from it is done. */
  | { readonly type: 'progress'; readonly step: number }
  | { readonly type: 'done'; readonly tip: string; readonly height: number; readonly digest: StoreDigest };
