// The pool of unconfirmed transactions in its place in the node: on the chain's state, with its file, its signatures and who waits for its answers.

import { join } from 'node:path';
import { encode } from '@resonancenet/bytes/encode';
import type { Now } from '@resonancenet/chain/events';
import type { ChainStore } from '@resonancenet/chain/ports';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { Template } from '@resonancenet/mempool/block-template';
import { type MempoolLimits, mempoolLimits } from '@resonancenet/mempool/mempool-limits';
import { MempoolMachine } from '@resonancenet/mempool/mempool-machine';
import type { StrictOutcome } from '@resonancenet/mempool/mempool-events';
import type { KnownSignatures } from '@resonancenet/mempool/pool-state';
import type { NodeAction, PoolEvent } from '@resonancenet/p2p/node-machine';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { amount } from '@resonancenet/primitives/amount';
import { bodyCodec } from '@resonancenet/primitives/block';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import type { Destination } from '@resonancenet/primitives/destination';
import { blockId, HEADER_LENGTH } from '@resonancenet/primitives/header';
import { WriteFileError } from '@resonancenet/training/write-file';
import type { Logger } from 'pino';
import type { SignatureService } from '../compute/signature-service.ts';
import type { PoolConfig } from '../config/node-config.ts';
import { PoolStorage } from './pool-storage.ts';
import { PoolTickets, type TicketAnswer } from './pool-tickets.ts';
import { RelayedSignatures } from './relayed-signatures.ts';

/** What the pool has done since is lost with a crash, not with a stop. */
const SAVE_EVERY_MS = 300_000;

/** Signatures of a submission wait for those of peers. */
const ANSWER_WITHIN_MS = 60_000;

/** Greatest length of a number of transactions in a body. */
const COUNT_LENGTH = 9;

export interface NodePoolParts {
  readonly params: NetworkParams;
  readonly config: PoolConfig;
  readonly folder: string;
  readonly store: ChainStore;
  readonly known: KnownSignatures;
  readonly signatures: SignatureService;
  readonly log: Logger;
  now(): Now;
  /** Hands an event to the node's machine, which has the pool. */
  step(event: PoolEvent): void;
}

type PoolAction = Extract<
  NodeAction,
  { type: 'verify-transaction' | 'transaction-accepted' | 'transaction-removed' | 'transaction-refused' }
>;

/** The answer to a submission did not come in time. */
export class NoAnswerError extends Error {
  readonly code = 'pool-no-answer';
}

export class NodePool {
  readonly machine: MempoolMachine;
  readonly #parts: NodePoolParts;
  readonly #storage: PoolStorage;
  readonly #tickets = new PoolTickets();
  readonly #relayed: RelayedSignatures;
  #stored: ReturnType<PoolStorage['load']>;
  #timer: ReturnType<typeof setInterval> | null = null;

  /** @throws errors of the file system */
  constructor(parts: NodePoolParts) {
    const { params, config, log } = parts;
    this.#parts = parts;
    this.#storage = new PoolStorage(join(parts.folder, 'mempool.dat'), params);
    this.#stored = config.persist ? this.#storage.load() : { kind: 'none' };
    if (this.#stored.kind === 'refused')
      log.warn(
        { detail: this.#stored.detail },
        'mempool.dat is not read: the node begins without unconfirmed transactions',
      );
    const now = parts.now();
    this.#relayed = new RelayedSignatures(parts.signatures, now.monotonicMs);
    this.machine = new MempoolMachine({
      ledger: parts.store,
      // Whether the next block has another D_val is decided when it is made.
      context: { params, genesisId: blockId(genesisHeader(params)), lossOf: () => null },
      limits: limitsOf(config),
      relayFee: config.minRelayFee,
      feeHistory: this.#stored.kind === 'loaded' ? this.#stored.file.fees : null,
      known: parts.known,
      now,
    });
  }

  /** Judges what the last run left, and stores the pool from time to time. */
  start(): void {
    if (this.#stored.kind === 'loaded')
      this.#parts.step({ type: 'load-transactions', transactions: this.#stored.file.transactions });
    this.#stored = { kind: 'none' };
    if (!this.#parts.config.persist) return;
    this.#timer = setInterval(() => this.save(), SAVE_EVERY_MS);
    this.#timer.unref();
  }

  /** After the last step of the node. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#parts.config.persist) this.save();
  }

  /** Stores the pool; trouble is logged, and the next time tries again. */
  save(): void {
    try {
      this.#storage.save(this.machine.persisted());
    } catch (error) {
      if (!(error instanceof WriteFileError)) throw error;
      this.#parts.log.warn({ err: error }, 'the unconfirmed transactions could not be stored');
    }
  }

  perform(action: PoolAction): void {
    switch (action.type) {
      case 'verify-transaction':
        this.#verify(action);
        return;
      case 'transaction-accepted':
        this.#tickets.note(action);
        return;
      case 'transaction-removed': {
        const { txid, reason, detail } = action;
        if (reason !== 'confirmed') this.#parts.log.debug({ txid, reason, detail }, 'transaction removed');
        return;
      }
      case 'transaction-refused': {
        const { txid, code, detail, peer } = action;
        this.#tickets.note(action);
        this.#parts.log.debug({ txid, code, detail, peer }, 'transaction refused');
        return;
      }
      default:
        action satisfies never;
    }
  }

  /** All actions of a step have been carried out. */
  stepDone(): void {
    this.#tickets.settle();
  }

  /** Hands in a transaction, or a package, its child last, in the operator's name. @throws NoAnswerError */
  async submit(encoded: readonly Uint8Array[]): Promise<TicketAnswer> {
    const { ticket, answer } = this.#tickets.open();
    this.#parts.step({ type: 'transactions', encoded, peer: null, ticket });
    let timer: ReturnType<typeof setTimeout> | null = null;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), ANSWER_WITHIN_MS);
    });
    const said = await Promise.race([answer, late]);
    if (timer !== null) clearTimeout(timer);
    if (said !== null) return said;
    this.#tickets.drop(ticket);
    throw new NoAnswerError(
      `The pool did not answer within ${ANSWER_WITHIN_MS / 1000} s; getrawmempool shows whether it took the transaction.`,
    );
  }

  /** In the strict sense in which transactions are relayed. */
  checkSignatures(checks: readonly SignatureCheck[]): Promise<StrictOutcome> {
    return this.#relayed.check(checks, this.#parts.now().monotonicMs);
  }

  /** What the next block takes beside a coinbase to this destination. */
  template(payTo: Destination): Template {
    const { params } = this.#parts;
    const least = {
      windowSums: new Array<number>(params.dval.windows).fill(0),
      transactions: [makeCoinbase(0xffff_ffff, amount(1n), payTo)],
    };
    const used = HEADER_LENGTH + encode(bodyCodec(params), least).length + COUNT_LENGTH;
    return this.machine.selectTransactions({
      maxBytes: params.maxBlockBytes - used,
      maxSignatures: params.maxBlockSignatures,
    });
  }

  #verify({ job, checks }: Extract<PoolAction, { type: 'verify-transaction' }>): void {
    void this.checkSignatures(checks).then((outcome) =>
      this.#parts.step({ type: 'transaction-signatures', job, outcome }),
    );
  }
}

function limitsOf({ maxMegabytes, expiryHours }: PoolConfig): MempoolLimits {
  return { ...mempoolLimits, maxBytes: maxMegabytes * 1_000_000, expiryHours };
}
