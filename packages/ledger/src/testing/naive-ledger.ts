// The ledger's rules restated as plainly as they can be, for comparison: everything that happened is a list, and every sum, age and deadline
// is worked out anew from the whole of it. Shares nothing with the rules but the words of the specification.

/** A policy as the restatement knows it. */
export interface NaivePolicy {
  readonly name: string;
  readonly type: 'heartbeat' | 'social' | 'emissionReturn' | 'base58' | 'channel';
  readonly blocks: number;
  /** Whether it has terms, so that its owner can act. */
  readonly terms: boolean;
}

export interface NaiveCondition {
  readonly kind: 'key' | 'preimage' | 'after' | 'older' | 'idle' | 'announced';
  readonly number?: number;
}

/** Where an output goes: a lock by name, with the conditions of each leaf. */
export interface NaiveTarget {
  readonly lock: string;
  readonly leaves: readonly (readonly NaiveCondition[])[];
  readonly policy: NaivePolicy;
}

export interface NaiveOutput {
  /** Order of queues: hexadecimal txid and index. */
  readonly id: string;
  readonly amount: bigint;
  readonly target: NaiveTarget;
  readonly created: number;
  readonly coinbase: boolean;
  gone: 'spent' | 'returned' | null;
}

export interface NaiveInput {
  readonly id: string;
  readonly leaf: number;
  readonly knowsPreimage: boolean;
  readonly rightKey: boolean;
  readonly single: boolean;
  /** null: no lock. */
  readonly sequence: number | null;
}

export interface NaiveAction {
  readonly kind: 'heartbeat' | 'announce';
  readonly policy: NaivePolicy;
  readonly to?: NaiveTarget;
}

export interface NaiveTransaction {
  readonly inputs: readonly NaiveInput[];
  readonly outputs: readonly { readonly amount: bigint; readonly target: NaiveTarget }[];
  readonly actions: readonly NaiveAction[];
  readonly lockTime: number | null;
}

interface NaiveAnnouncement {
  readonly policy: NaivePolicy;
  readonly height: number;
  readonly to: NaiveTarget;
  bond: 'none' | 'held' | 'returned' | 'forfeited';
  stands: boolean;
}

export interface NaiveParams {
  readonly maturity: number;
  readonly subsidy: bigint;
  readonly returnsPerBlock: number;
}

const RNT = 10_000_000_000n;
const ALL = 21_000_000n * RNT;
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

export class NaiveLedger {
  outputs: NaiveOutput[] = [];
  heartbeats: { readonly policy: string; readonly height: number }[] = [];
  announcements: NaiveAnnouncement[] = [];
  rewards: bigint[] = [];
  queue: { readonly deadline: number; readonly id: string }[] = [];
  readonly #params: NaiveParams;

  constructor(params: NaiveParams) {
    this.#params = params;
  }

  copy(): NaiveLedger {
    const other = new NaiveLedger(this.#params);
    other.outputs = this.outputs.map((output) => ({ ...output }));
    other.heartbeats = [...this.heartbeats];
    other.announcements = this.announcements.map((one) => ({ ...one }));
    other.rewards = [...this.rewards];
    other.queue = [...this.queue];
    return other;
  }

  get unspent(): NaiveOutput[] {
    return this.outputs.filter(({ gone }) => gone === null);
  }

  lastSign(policy: NaivePolicy): number {
    return Math.max(0, ...this.heartbeats.filter((beat) => beat.policy === policy.name).map(({ height }) => height));
  }

  idle(output: NaiveOutput, height: number): number {
    return height - Math.max(output.created, this.lastSign(output.target.policy));
  }

  /** The five sums after the block at `height`. */
  totals(height: number): Record<'minted' | 'returned' | 'lapsed' | 'unspent' | 'bonds', bigint> {
    const bonds = (state: NaiveAnnouncement['bond']): bigint =>
      RNT * BigInt(this.announcements.filter(({ bond }) => bond === state).length);
    const lapsed = this.unspent.filter((output) => {
      const { type, blocks } = output.target.policy;
      return type === 'heartbeat' && this.idle(output, height) >= blocks;
    });
    return {
      minted: sum(this.rewards),
      returned:
        sum(this.outputs.filter(({ gone }) => gone === 'returned').map(({ amount }) => amount)) + bonds('forfeited'),
      lapsed: sum(lapsed.map(({ amount }) => amount)),
      unspent: sum(this.unspent.map(({ amount }) => amount)),
      bonds: bonds('held'),
    };
  }

  /** Reward of the block after `height`, improving a loss by `gain` of `parentLoss`; at 0.1 % whole, at 1 % twice. */
  reward(height: number, parentLoss: bigint, gain: bigint): bigint {
    const { minted, returned, lapsed } = this.totals(height);
    const k = (supply: bigint): number => {
      let count = 0;
      for (let i = 1n; i <= 64n; i++) if (supply >= ALL - ALL / 2n ** i) count++;
      return count;
    };
    const subsidy =
      this.#params.subsidy / 2n ** BigInt(Math.max(k(minted - returned - lapsed), k(minted - returned) - 1));
    const relative = parentLoss === 0n ? null : (part: bigint): bigint => (subsidy * gain * part) / parentLoss;
    const scaled = relative === null || relative(1000n) >= subsidy ? subsidy : relative(1000n);
    const isWhole = relative === null || gain * 1000n >= parentLoss;
    const bonus = relative === null || !isWhole ? 0n : relative(100n);
    const earned = scaled + (bonus > subsidy ? subsidy : bonus);
    const left = ALL - minted + returned;
    return earned > left ? left : earned;
  }

  /** What happens before the transactions of a block. */
  open(height: number): void {
    const due = this.queue
      .toSorted((a, b) => a.deadline - b.deadline || (a.id < b.id ? -1 : 1))
      .filter(({ deadline }) => deadline <= height)
      .slice(0, this.#params.returnsPerBlock);
    for (const entry of due) {
      this.queue = this.queue.filter((other) => other !== entry);
      const output = this.outputs.find(({ id }) => id === entry.id)!;
      const deadline = this.deadline(output);
      if (deadline > entry.deadline) this.queue.push({ deadline, id: output.id });
      else output.gone = 'returned';
    }
  }

  deadline(output: NaiveOutput): number {
    const { policy } = output.target;
    const returns = ['emissionReturn', 'base58', 'channel'].includes(policy.type);
    return returns ? Math.max(output.created, this.lastSign(policy)) + policy.blocks : Number.POSITIVE_INFINITY;
  }

  create(id: string, amount: bigint, target: NaiveTarget, height: number, coinbase: boolean): void {
    const output = { id, amount, target, created: height, coinbase, gone: null };
    this.outputs.push(output);
    const deadline = this.deadline(output);
    if (deadline < Number.POSITIVE_INFINITY) this.queue.push({ deadline: height + target.policy.blocks, id });
  }

  standing(policy: NaivePolicy): NaiveAnnouncement | null {
    return this.announcements.find((one) => one.policy.name === policy.name && one.stands) ?? null;
  }

  /** All that is wrong with a transaction in a block at `height`; nothing: it is valid. */
  faults(transaction: NaiveTransaction, height: number): ReadonlySet<string> {
    const { inputs, outputs, actions, lockTime } = transaction;
    const faults = new Set<string>();
    if (outputs.length + actions.length === 0) faults.add('tx-no-effect');
    if (new Set(inputs.map(({ id }) => id)).size < inputs.length) faults.add('tx-duplicate-input');
    const said = actions.map(({ kind, policy }) => `${kind} ${policy.name}`);
    if (new Set(said).size < said.length) faults.add('tx-duplicate-action');
    if (lockTime !== null && height <= lockTime) faults.add('tx-lock-time');
    for (const { kind, policy } of actions) {
      const overdue = this.unspent.some(
        (output) => output.target.policy.name === policy.name && this.deadline(output) <= height,
      );
      if (kind === 'heartbeat' && overdue) faults.add('tx-heartbeat-due');
    }
    const spent: NaiveOutput[] = [];
    for (const [place, input] of inputs.entries()) {
      const output = this.unspent.find(({ id }) => id === input.id);
      if (output === undefined) faults.add('tx-missing-input');
      else {
        spent.push(output);
        for (const fault of this.#inputFaults(input, output, place, transaction, height)) faults.add(fault);
      }
    }
    if (spent.length < inputs.length) return faults;
    for (const fault of this.#moneyFaults(transaction, spent)) faults.add(fault);
    return faults;
  }

  /** Does it; `ids` are those of its outputs. */
  apply(transaction: NaiveTransaction, ids: readonly string[], height: number): void {
    const refunded = this.#refunded(transaction);
    for (const { id } of transaction.inputs) {
      this.outputs.find((output) => output.id === id)!.gone = 'spent';
      this.queue = this.queue.filter((entry) => entry.id !== id);
    }
    if (refunded !== null) refunded.bond = 'returned';
    for (const { kind, policy, to } of transaction.actions) {
      const before = this.standing(policy);
      if (before !== null) {
        before.stands = false;
        if (before.bond === 'held') before.bond = 'forfeited';
      }
      if (kind === 'heartbeat') this.heartbeats.push({ policy: policy.name, height });
      else
        this.announcements.push({
          policy,
          height,
          to: to!,
          bond: this.#bondOf(policy) > 0n ? 'held' : 'none',
          stands: true,
        });
    }
    for (const [index, { amount, target }] of transaction.outputs.entries()) {
      this.create(ids[index]!, amount, target, height, false);
    }
  }

  fee(transaction: NaiveTransaction): bigint {
    const held = sum(transaction.inputs.map(({ id }) => this.outputs.find((output) => output.id === id)!.amount));
    return held + (this.#refunded(transaction) === null ? 0n : RNT) - this.#taken(transaction);
  }

  #bondOf(policy: NaivePolicy): bigint {
    return this.announcements.some((one) => one.policy.name === policy.name) ? RNT : 0n;
  }

  #taken({ outputs, actions }: NaiveTransaction): bigint {
    const bonds = actions.filter(({ kind }) => kind === 'announce').map(({ policy }) => this.#bondOf(policy));
    return sum([...outputs.map(({ amount }) => amount), ...bonds]);
  }

  #usesAnnouncement(input: NaiveInput): boolean {
    const output = this.outputs.find(({ id }) => id === input.id)!;
    const { policy, leaves } = output.target;
    return policy.type !== 'base58' && leaves[input.leaf]!.some(({ kind }) => kind === 'announced');
  }

  #refunded({ inputs }: NaiveTransaction): NaiveAnnouncement | null {
    if (!inputs.some((input) => this.#usesAnnouncement(input))) return null;
    const first = this.outputs.find(({ id }) => id === inputs[0]!.id)!;
    const announcement = this.standing(first.target.policy);
    return announcement?.bond === 'held' ? announcement : null;
  }

  #inputFaults(
    input: NaiveInput,
    output: NaiveOutput,
    place: number,
    { outputs }: NaiveTransaction,
    height: number,
  ): string[] {
    const age = height - output.created;
    const { policy, leaves } = output.target;
    const faults: string[] = [];
    if (output.coinbase && age < this.#params.maturity) faults.push('tx-immature-coinbase');
    if (input.sequence !== null && age < input.sequence) faults.push('tx-sequence');
    if (height >= this.deadline(output)) faults.push('tx-returned-input');
    const conditions = policy.type === 'base58' ? [{ kind: 'key' } as const] : leaves[input.leaf]!;
    if (policy.type === 'base58' && !input.rightKey) faults.push('tx-witness-key-hash');
    if (input.single && place >= outputs.length && conditions.some(({ kind }) => kind === 'key'))
      faults.push('tx-sighash-single');
    for (const { kind, number = 0 } of conditions as readonly NaiveCondition[]) {
      if (kind === 'preimage' && !input.knowsPreimage) faults.push('tx-preimage');
      if (kind === 'after' && height <= number) faults.push('tx-after');
      if (kind === 'older' && age < number) faults.push('tx-older');
      if (kind === 'idle' && this.idle(output, height) < policy.blocks) faults.push('tx-idle');
      if (kind !== 'announced') continue;
      const announcement = this.standing(policy);
      if (announcement === null || policy.type !== 'social') faults.push('tx-announced-none');
      else if (height - announcement.height < policy.blocks) faults.push('tx-announced-wait');
    }
    return faults;
  }

  #moneyFaults(transaction: NaiveTransaction, spent: readonly NaiveOutput[]): string[] {
    const { inputs, outputs, actions } = transaction;
    const faults: string[] = [];
    const fee = this.fee(transaction);
    if (fee < 0n) faults.push('tx-insufficient');
    const users = inputs.filter((input) => this.#usesAnnouncement(input)).length;
    if (users === 0) return faults;
    const policies = new Set(spent.map(({ target }) => target.policy.name));
    const to = this.standing(spent[0]!.target.policy)?.to;
    const paysIt =
      outputs.length === 1 && outputs[0]!.target.lock === to?.lock && outputs[0]!.target.policy.name === to.policy.name;
    if (users < inputs.length || policies.size > 1 || actions.length > 0 || !paysIt) faults.push('tx-announced-form');
    if (fee > sum(spent.map(({ amount }) => amount)) / 100n) faults.push('tx-announced-fee');
    return faults;
  }
}
