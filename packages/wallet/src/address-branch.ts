// The branches of an account whose keys lock outputs (WAL-5): what is shown to others, and what pays back to oneself.

/** `receive` is branch 0, `change` branch 1 of the account's path. */
export type AddressBranch = 'receive' | 'change';

export const ADDRESS_BRANCHES: readonly AddressBranch[] = ['receive', 'change'];

/** Number of a branch in a path. */
export function branchNumber(branch: AddressBranch): number {
  return ADDRESS_BRANCHES.indexOf(branch);
}
