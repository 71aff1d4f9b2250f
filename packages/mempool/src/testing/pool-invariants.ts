// What holds of a pool at every moment, computed anew from its transactions alone.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { coinKey } from '@resonancenet/ledger/coin';
import { outputClaim } from '../claims.ts';
import { decodeOwn } from '../parsed-transaction.ts';
import type { PoolEntry, Totals } from '../pool-entry.ts';
import { sumOf } from '../transaction-graph.ts';
import type { PoolWorld } from './pool-world.ts';

function reachable(entry: PoolEntry, next: (entry: PoolEntry) => Iterable<PoolEntry>): Set<PoolEntry> {
  const found = new Set([entry]);
  for (const one of found) for (const other of next(one)) found.add(other);
  return found;
}

function isSame(a: Totals, b: Totals): boolean {
  return a.count === b.count && a.bytes === b.bytes && a.fee === b.fee && a.signatures === b.signatures;
}

function isSameSet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}

/** The unconfirmed parents of a transaction, all of whose inputs must be there. */
function parentsOf(entry: PoolEntry, byTxid: ReadonlyMap<string, PoolEntry>, { chain }: PoolWorld): Set<PoolEntry> {
  const parents = new Set<PoolEntry>();
  for (const { outpoint } of decodeOwn(entry.encoded).inputs) {
    const id = toHex(outpoint.txid);
    const parent = byTxid.get(id);
    if (parent !== undefined) parents.add(parent);
    else assert(chain.view.get('coins', coinKey(outpoint.txid, outpoint.index)) !== null, `${id} is not here`);
    assert(entry.claims.includes(outputClaim(id, outpoint.index)), 'every input is claimed');
  }
  return parents;
}

/** Fails if two transactions spend one output, an input has no output, a sum is wrong, a bound is exceeded, or a worthless output is left. */
export function checkPool(world: PoolWorld): void {
  const { machine, limits } = world;
  const entries = [...machine.entries()];
  const byTxid = new Map(entries.map((entry) => [entry.txid, entry]));
  const claims = new Map<string, PoolEntry>();
  for (const entry of entries) {
    for (const claim of entry.claims) {
      assert(!claims.has(claim), `two claim ${claim}`);
      claims.set(claim, entry);
      assert(machine.claimant(claim) === entry, `${claim} is not known as claimed`);
    }
    assert(isSameSet(entry.parents, parentsOf(entry, byTxid, world)), 'parents are those whose outputs it spends');
    assert(
      [...entry.parents].every(({ children }) => children.has(entry)),
      'parents know their children',
    );
    for (const child of entry.children)
      assert(child.parents.has(entry) && byTxid.get(child.txid) === child, 'children know their parents');
    assert(isSame(entry.ancestors, sumOf(reachable(entry, ({ parents }) => parents))), 'sums over ancestors');
    assert(isSame(entry.descendants, sumOf(reachable(entry, ({ children }) => children))), 'sums over descendants');
    assert(entry.ancestors.count <= limits.maxAncestors, 'too many ancestors');
    assert(entry.descendants.count <= limits.maxDescendants, 'too many descendants');
    assert(machine.getByLeaf(entry.leaf) === entry, 'it is found by its leaf');
  }
  for (const { dust, txid } of entries)
    for (const output of dust) assert(claims.has(outputClaim(txid, output)), 'worthless outputs are spent in the pool');
  const { count, bytes, fee } = sumOf(entries);
  const totals = machine.totals();
  assert(count === totals.count && bytes === totals.bytes && fee === totals.fees, 'totals are the sums');
  assert(totals.usedBytes <= limits.maxBytes, `${totals.usedBytes} bytes are more than ${limits.maxBytes}`);
}

/** Fails unless the template is a valid block with the fees that it says. */
export function checkTemplate({ machine, chain }: PoolWorld, maxBytes: number, maxSignatures: number): void {
  const template = machine.selectTransactions({ maxBytes, maxSignatures });
  const result = chain.attempt(template.transactions);
  assert(result.ok, `the template is no block: ${result.ok || result.code}`);
  assert(result.fees === template.fees, `the template says fees of ${template.fees}, they are ${result.fees}`);
  assert(result.signatures.length === template.signatures, 'the template says how many signatures it has');
  assert(template.bytes <= maxBytes && template.signatures <= maxSignatures, 'the template keeps its limits');
}
