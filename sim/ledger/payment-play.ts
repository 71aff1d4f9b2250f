// Everyday life: a node's money goes to others, sometimes in rows of payments that spend each other before any of them is in a block.

import { amount } from '@resonancenet/primitives/amount';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { firstOutput } from '../payments.ts';
import type { SimNode } from '../sim-node.ts';
import type { OwnCoin } from '@resonancenet/primitives/testing/signed-transaction';
import { type Actor, FEE, type Play } from './actor.ts';

/** Part of the moments in which a node pays. */
const CHANCE = 0.08;

/** Part of the payments that begin a row. */
const ROW_CHANCE = 0.25;

/** Coins below this are left to return. */
const LEAST = 100n * FEE;

/** Pays the others for ever. */
export function* paymentPlay(actor: Actor, others: readonly SimNode[]): Play {
  for (;;) {
    if (actor.random.fraction() < CHANCE) pay(actor, others);
    yield;
  }
}

function pay(actor: Actor, others: readonly SimNode[]): void {
  const { random } = actor;
  const coins = actor.coins().filter(({ output }) => output.amount >= LEAST);
  if (coins.length === 0) return;
  const first = random.integer(0, coins.length - 1);
  const spent = coins.slice(first, first + random.integer(1, 3));
  const other = others[random.integer(0, others.length - 1)]!;
  const destination = keyDestination(other.publicKey, other.params.recovery);
  let payment = divided(actor, spent, destination);
  const length = random.fraction() < ROW_CHANCE ? random.integer(2, 6) : 1;
  for (let place = 0; place < length && actor.submit(payment); place += 1) {
    // The first output is what came back to the payer.
    payment = divided(actor, [firstOutput(payment)], destination);
  }
}

/** Half for the payer, the other half for the other, in this order. */
function divided(actor: Actor, coins: readonly OwnCoin[], to: Destination): Transaction {
  const held = coins.reduce((sum, { output }) => sum + output.amount, 0n) - FEE;
  const half = held / 2n;
  return actor.sign({
    openings: coins.map((coin) => actor.opening(coin)),
    outputs: [
      { amount: amount(held - half), ...actor.own },
      { amount: amount(half), ...to },
    ],
  });
}
