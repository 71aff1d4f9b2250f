// Whether a store holds what connecting blocks must leave: looked up on the disk, not asked of whoever connected them.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { decodeBody } from '@resonancenet/consensus/admission-checks';
import { encodeHeight } from '@resonancenet/chain/records';
import { coinKey, decodeCoin } from '@resonancenet/ledger/coin';
import { readTotals } from '@resonancenet/ledger/totals';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { blockId } from '@resonancenet/primitives/header';
import { txid } from '@resonancenet/primitives/transaction';
import { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import type { BenchBlock } from './spending-blocks.ts';

/** Blocks from height 1 on, whose transactions do not spend each other's outputs. @throws AssertionFailure */
export async function checkConnected(
  folder: string,
  blocks: readonly BenchBlock[],
  params: NetworkParams,
): Promise<void> {
  const store = LmdbChainStore.open(folder);
  try {
    for (const block of blocks) checkBlock(store, block, params);
    const totals = readTotals(store);
    assert(totals.height === blocks.length, `the state is that after block ${totals.height}, not ${blocks.length}`);
    assert(totals.unspent === totals.minted, `${totals.minted} were minted and ${totals.unspent} are unspent`);
  } finally {
    await store.close();
  }
}

function checkBlock(store: LmdbChainStore, { header, body }: BenchBlock, params: NetworkParams): void {
  const { height } = header;
  const id = blockId(header);
  const active = store.get('heights', encodeHeight(height));
  assert(active !== null && equalBytes(active, id), `another block is active at height ${height}`);
  assert(store.get('undo', id) !== null, `block ${height} cannot be undone`);
  const decoded = decodeBody(body, params);
  assert(decoded.ok, 'a body of ours decodes');
  for (const [place, transaction] of decoded.body.transactions.entries()) {
    for (const { outpoint } of place === 0 ? [] : transaction.inputs)
      assert(store.get('coins', coinKey(outpoint.txid, outpoint.index)) === null, 'a spent coin is still there');
    const own = txid(transaction);
    for (const [index, output] of transaction.outputs.entries()) {
      const bytes = store.get('coins', coinKey(own, index));
      assert(bytes !== null && decodeCoin(bytes).amount === output.amount, 'an output is not there');
    }
  }
}
