// One block onto or off the state that the view shows. Nothing but the view changes: whoever moves the tip takes it back or goes on.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { explain } from '@resonancenet/consensus/explain';
import { reject } from '@resonancenet/consensus/verdict';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { LedgerBlock } from '@resonancenet/ledger/ledger-context';
import { transactionsIn } from '@resonancenet/primitives/block';
import { txid } from '@resonancenet/primitives/transaction';
import type { BlockNode, Invalidity } from './block-node.ts';
import { ChainError } from './chain-error.ts';
import type { EvaluationCache } from './evaluation-cache.ts';
import type { Hex32 } from './events.ts';
import { connectJournaled } from './journal-block.ts';
import { type Ledger, type LossLookup, trustedLosses } from './ledger.ts';
import type { MachineContext } from './machine-context.ts';
import { PreparedBlocks } from './prepared-blocks.ts';
import { ancestorKey, decodeHeight, encodeHeight } from './records.ts';
import type { SignatureJobs } from './signature-jobs.ts';
import { decodeUndo } from './undo-record.ts';

export type Connection =
  | { readonly kind: 'connected' }
  /** The view shows the state after the block, but its signatures are still being checked. */
  | { readonly kind: 'unchecked' }
  /** The view shows the state before it: the loss of its parent's checkpoint on this D_val is needed first. */
  | { readonly kind: 'needs-loss'; readonly dvalId: Hex32 }
  | { readonly kind: 'invalid'; readonly invalidity: Invalidity };

export class BlockConnector {
  readonly #context: MachineContext;
  readonly #ledger: Ledger;
  readonly #cache: EvaluationCache;
  readonly #signatures: SignatureJobs;
  readonly #prepared: PreparedBlocks;

  constructor(context: MachineContext, ledger: Ledger, cache: EvaluationCache, signatures: SignatureJobs) {
    this.#context = context;
    this.#ledger = ledger;
    this.#cache = cache;
    this.#signatures = signatures;
    this.#prepared = new PreparedBlocks(context.limits.preparedChanges);
  }

  /** Whether what the block changes is known, so that connecting it costs little. */
  isPrepared(node: BlockNode): boolean {
    return this.#prepared.has(node.id);
  }

  /** The view shows the state of the block's parent. */
  connect(node: BlockNode): Connection {
    const known = this.#prepared.get(node.id);
    if (known === undefined) {
      const failed = this.#compute(node);
      if (failed !== null) return failed;
    } else this.#context.view.apply(known);
    this.#enter(node);
    return { kind: this.#signatures.has(node.id) ? 'unchecked' : 'connected' };
  }

  /** The view shows the state after the block. */
  disconnect(node: BlockNode): void {
    const { view } = this.#context;
    view.delete('heights', encodeHeight(node.height));
    const first = view.get('roots', ancestorKey(node.root));
    if (first !== null && decodeHeight(first) === node.height) view.delete('roots', ancestorKey(node.root));
    const id = fromHex(node.id);
    const bytes = view.get('undo', id);
    if (bytes === null)
      throw new ChainError(
        'chain-corrupt',
        `The store does not hold what undoes block ${node.id} at height ${node.height}. Start once with --reindex.`,
      );
    for (const { table, key, before } of decodeUndo(bytes, node.id))
      if (before === null) view.delete(table, key);
      else view.put(table, key, before);
    view.delete('undo', id);
  }

  /** The block is on the active chain now, or will never be. */
  forget(node: BlockNode): void {
    this.#prepared.forget(node.id);
    this.#signatures.release(node.id);
  }

  /** What a block with this signature breaks. */
  explainBad(node: BlockNode, { publicKey, signature }: SignatureCheck): Invalidity {
    const bad = toHex(signature);
    let id = '';
    for (const transaction of transactionsIn(this.#bodyOf(node))) {
      const { inputs, actions } = transaction;
      if (![...inputs, ...actions].some(({ witness }) => toHex(witness).includes(bad))) continue;
      id = toHex(txid(transaction));
      break;
    }
    const rejection = reject('tx-signature', { txid: id, publicKey: toHex(publicKey) });
    return { code: rejection.code, detail: explain(rejection) };
  }

  #compute(node: BlockNode): Connection | null {
    const { view, options } = this.#context;
    const block = this.#blockOf(node);
    const losses = this.#lossesFor(node);
    const { result, changes } = connectJournaled(block, view, this.#ledger, losses, options.transactionIndex);
    if (!result.ok && result.code === null) {
      const { checkpointRoot, dvalId } = result.needs;
      assert(equalBytes(checkpointRoot, block.parent.checkpointRoot), 'a loss that is needed is the parent’s');
      return { kind: 'needs-loss', dvalId: toHex(dvalId) };
    }
    if (!result.ok) return { kind: 'invalid', invalidity: { code: result.code, detail: explain(result) } };
    this.#prepared.keep(node.id, changes);
    if (this.#signatures.has(node.id)) return null;
    const unknown = this.#signatures.unknown(result.signatures);
    if (unknown.checks.length > 0) this.#signatures.request(node.id, unknown);
    return null;
  }

  #enter(node: BlockNode): void {
    const { view } = this.#context;
    view.put('heights', encodeHeight(node.height), fromHex(node.id));
    // Where blocks may repeat a checkpoint, the first one's height stays.
    if (view.get('roots', ancestorKey(node.root)) === null)
      view.put('roots', ancestorKey(node.root), encodeHeight(node.height));
  }

  /**
   * What our evaluator found. Below the last six blocks of a chain that was followed during catch-up nothing is evaluated (CON-32): there the
   * header says what its chain took for the loss, and a D_val that it did not use was void.
   */
  #lossesFor(node: BlockNode): LossLookup {
    if (node.stage === 'assumed') return trustedLosses(node);
    return (root, dvalId) => this.#cache.lossOf(toHex(root), toHex(dvalId), this.#context.params);
  }

  #blockOf(node: BlockNode): LedgerBlock {
    const { index } = this.#context;
    const parent = node.parent!;
    const { valLoss, growth, timestamp } = parent;
    return {
      id: fromHex(node.id),
      header: index.headerOf(node),
      parent: { valLoss, growth, timestamp, checkpointRoot: fromHex(parent.root), dvalId: fromHex(parent.dvalId) },
      transactions: transactionsIn(this.#bodyOf(node)),
    };
  }

  #bodyOf(node: BlockNode): Uint8Array {
    const bytes = this.#context.view.get('bodies', fromHex(node.id));
    assert(bytes !== null, `the body of block ${node.id} is stored before it is connected`);
    return bytes;
  }
}
