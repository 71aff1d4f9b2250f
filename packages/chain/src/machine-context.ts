// What the parts of the chain machine share during a step.

import type { Rejection } from '@resonancenet/consensus/verdict';
import { explain } from '@resonancenet/consensus/explain';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { ActiveChain } from './active-chain.ts';
import type { BlockIndex } from './block-index.ts';
import type { ContactLog } from './block-node.ts';
import type { ChainLimits } from './chain-limits.ts';
import type { ChainClock } from './chain-clock.ts';
import type { ChainAction, Hex32, Now, PeerId } from './events.ts';
import type { CheckpointStore } from './ports.ts';
import type { SignatureCache } from './signature-cache.ts';
import type { StoreView } from './store-view.ts';

export interface ChainOptions {
  /** Keep every checkpoint of the active chain. */
  readonly archive: boolean;
  /** Checkpoints kept at the tip, at least 12. */
  readonly keepCheckpoints: number;
  /** Evaluations asked for at once. */
  readonly evaluations: number;
  /** Keep where each transaction of the active chain stands. */
  readonly transactionIndex: boolean;
}

export class MachineContext {
  readonly params: NetworkParams;
  readonly options: ChainOptions;
  readonly limits: ChainLimits;
  readonly view: StoreView;
  readonly checkpoints: CheckpointStore;
  readonly index: BlockIndex;
  readonly active: ActiveChain;
  readonly contact: ContactLog;
  readonly clock: ChainClock;
  readonly signatures: SignatureCache;
  now: Now;
  /** The chain clock of this step, milliseconds. */
  time: number;
  inSync = false;
  #actions: ChainAction[] = [];

  constructor(
    parts: Pick<
      MachineContext,
      | 'params'
      | 'options'
      | 'limits'
      | 'view'
      | 'checkpoints'
      | 'index'
      | 'active'
      | 'contact'
      | 'clock'
      | 'signatures'
      | 'now'
    >,
  ) {
    this.params = parts.params;
    this.options = parts.options;
    this.limits = parts.limits;
    this.view = parts.view;
    this.checkpoints = parts.checkpoints;
    this.index = parts.index;
    this.active = parts.active;
    this.contact = parts.contact;
    this.clock = parts.clock;
    this.signatures = parts.signatures;
    this.now = parts.now;
    this.time = parts.clock.at(parts.now);
  }

  begin(now: Now): void {
    this.now = now;
    this.time = this.clock.at(now);
  }

  emit(action: ChainAction): void {
    this.#actions.push(action);
  }

  /** The actions of this step; `persist`, if there is anything to write, comes first. */
  end(): ChainAction[] {
    const actions = this.#actions;
    this.#actions = [];
    return this.view.isEmpty ? actions : [{ type: 'persist', batch: this.view.take() }, ...actions];
  }

  /** Unix time in whole seconds, for rules about timestamps. */
  get unixSeconds(): bigint {
    return BigInt(Math.floor(this.now.unixMs / 1000));
  }

  refuse(rejection: Rejection, blockId: Hex32 | null, peer: PeerId, blame: boolean = rejection.fault === 'peer'): void {
    const { code } = rejection;
    const peerFault = blame && peer !== null;
    this.emit({ type: 'refused', code, blockId, peer, peerFault, detail: explain(rejection) });
  }
}
