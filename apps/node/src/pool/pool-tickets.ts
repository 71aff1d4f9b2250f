// Who handed in transactions and waits for what becomes of them.

import type { MempoolAction } from '@resonancenet/mempool/mempool-events';

export type TicketAction = Extract<MempoolAction, { readonly type: 'transaction-accepted' | 'transaction-refused' }>;

/** What one step of the pool said about a submission: of a package, about each part. */
export type TicketAnswer = readonly TicketAction[];

export class PoolTickets {
  readonly #waiting = new Map<
    number,
    { readonly said: TicketAction[]; readonly settle: (said: TicketAnswer) => void }
  >();
  #last = 0;

  /** A new ticket, and its answer once there is one. */
  open(): { readonly ticket: number; readonly answer: Promise<TicketAnswer> } {
    this.#last += 1;
    const ticket = this.#last;
    const answer = new Promise<TicketAnswer>((settle) => this.#waiting.set(ticket, { said: [], settle }));
    return { ticket, answer };
  }

  /** Nobody waits any more. */
  drop(ticket: number): void {
    this.#waiting.delete(ticket);
  }

  note(action: TicketAction): void {
    if (action.ticket !== null) this.#waiting.get(action.ticket)?.said.push(action);
  }

  /** The step is over: whoever was told something has all of it. */
  settle(): void {
    for (const [ticket, { said, settle }] of this.#waiting) {
      if (said.length === 0) continue;
      this.#waiting.delete(ticket);
      settle(said);
    }
  }
}
