// A case: something invalid, the code it must give, and its twin one unit apart, which must be accepted.

import { test } from 'node:test';
import type { VerdictCode } from '@resonancenet/consensus/verdict-codes';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type Blame, type BlockWishes, CaseChain } from './case-chain.ts';

export interface Case extends Blame {
  /** As the table of sources names it. */
  readonly name: string;
  readonly code: VerdictCode;
  /** The refused block, on the tip of the chain. */
  readonly invalid: (chain: CaseChain) => BlockWishes;
  /** The block that differs by one unit: it becomes the tip. */
  readonly valid: (chain: CaseChain) => BlockWishes;
}

/** A life of a chain that one refusal does not tell. */
export interface Story {
  readonly name: string;
  readonly params: NetworkParams;
  readonly tell: (chain: CaseChain) => void;
}

/** Runs cases in order on one chain: what was refused must not be in the way of what follows. */
export function testCases(params: NetworkParams, cases: readonly Case[]): void {
  const chain = new CaseChain(params);
  for (const { name, code, invalid, valid, ...blame } of cases) {
    test(`${name}: ${code}`, () => {
      chain.prepare();
      chain.refuse(invalid(chain), code, blame);
      chain.accept(valid(chain));
    });
  }
}

/** Each story has a chain of its own. */
export function testStories(stories: readonly Story[]): void {
  for (const { name, params, tell } of stories) test(name, () => tell(new CaseChain(params)));
}
