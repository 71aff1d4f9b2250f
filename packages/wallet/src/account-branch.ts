// The rows of keys of an account that outputs can be locked by (WAL-20): what is shown to others, and what pays back to oneself.

/** `receive` is branch 0, `change` branch 1 of the account's path. */
export type Branch = 'receive' | 'change';

export const BRANCHES: readonly Branch[] = ['receive', 'change'];

/** Number of a branch in a path. */
export function branchNumber(branch: Branch): number {
  return BRANCHES.indexOf(branch);
}
