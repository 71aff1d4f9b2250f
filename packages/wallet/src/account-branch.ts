// The branches of an account whose keys lock outputs (WAL-5): what is shown to others, and what pays back to oneself.

import { BRANCH, type Branch } from '@resonancenet/keys/derivation-path';

export type AddressBranch = Extract<Branch, 'receive' | 'change'>;

export const BRANCHES: readonly AddressBranch[] = ['receive', 'change'];

/** Number of a branch in a path. */
export function branchNumber(branch: AddressBranch): number {
  return BRANCH[branch];
}
