// The whole table.

import { bodyMutants } from './body-mutants.ts';
import { headerMutants } from './header-mutants.ts';
import { ledgerMutants } from './ledger-mutants.ts';
import type { Mutant } from './mutant.ts';
import { rotationMutants } from './rotation-mutants.ts';

export const allMutants: readonly Mutant[] = [...headerMutants, ...bodyMutants, ...ledgerMutants, ...rotationMutants];
