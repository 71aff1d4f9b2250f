import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { compareBranches, plainlyBetter, reachOf, selectTip } from './fork-choice.ts';
import { type ForkBlock, forkPoint } from './fork-tree.ts';
import { arrivalOrder, branchOf, child, randomTree, rootBlock, type TestBlock, tipsOf } from './testing/fork-trees.ts';
import { seededRandom } from './testing/sample-chain.ts';

/**
 * The order restated from the rule's words, over the whole height range above the root: the line at every height, then its sum. Lower first.
 */
function oracle(tip: ForkBlock, root: ForkBlock, reach: number): readonly [score: number, height: number] {
  const path: ForkBlock[] = [];
  for (let block: ForkBlock | null = tip; block !== null && block !== root; block = block.parent) path.unshift(block);
  let line = root.valLoss;
  let score = 0;
  for (let height = root.height + 1; height <= reach; height += 1) {
    const block = path[height - root.height - 1];
    if (block !== undefined) line -= block.parentLoss - block.valLoss;
    score += line;
  }
  return [score, tip.height];
}

function oracleBetter(a: ForkBlock, b: ForkBlock, root: ForkBlock, reach: number): boolean {
  const [scoreA, heightA] = oracle(a, root, reach);
  const [scoreB, heightB] = oracle(b, root, reach);
  return scoreA < scoreB || (scoreA === scoreB && heightA > heightB);
}

test('at depth 1 the lower val_loss wins by a single micro-nat, and of equals the active one', () => {
  const root = rootBlock();
  const a = child(root, 'a', 4000);
  const better = child(root, 'b', 4001);
  const equal = child(root, 'c', 4000);
  assert.equal(compareBranches(a, better, 101).prefer, 'challenger');
  assert.equal(compareBranches(better, a, 101).prefer, 'active');
  const tie = compareBranches(a, equal, 101);
  assert.deepEqual([tie.prefer, tie.reason], ['active', 'incumbent']);
  assert.deepEqual([tie.active.score, tie.active.fall], [4_996_000n, 4000n]);
});

test('a longer branch is never punished: each further block makes a branch better', () => {
  const root = rootBlock();
  const a = branchOf(root, 'a', [1000, 1000, 1000]);
  for (const longer of [a[1]!, a[2]!]) {
    const result = compareBranches(a[0]!, longer, 103);
    assert.deepEqual([result.prefer, result.reason], ['challenger', 'score']);
  }
  // The white paper's sum over blocks, read literally, prefers one block at 5.0 to two at 5.0 and 4.9.
  const one = child(root, 'one', 0);
  const two = branchOf(root, 'two', [0, 100_000]);
  assert.equal(compareBranches(one, two[1]!, 102).prefer, 'challenger');
});

test('where nothing is gained the higher branch wins', () => {
  const root = rootBlock();
  const flat = branchOf(root, 'f', [0, 0]);
  const result = compareBranches(root, flat[1]!, 102);
  assert.deepEqual([result.prefer, result.reason], ['challenger', 'height']);
  assert.deepEqual(compareBranches(flat[1]!, flat[0]!, 102).prefer, 'active');
});

test('scores are sums of the held line, with the numbers worked out by hand', () => {
  const root = rootBlock();
  // Lines in micro-nats below 5,000,000: a 3000, 4000, 7000, 8000; b 5000 held.
  const a = branchOf(root, 'a', [3000, 1000, 3000, 1000]);
  const b = child(root, 'b', 5000);
  const after2 = compareBranches(b, a[1]!, 102);
  assert.deepEqual([after2.active.score, after2.challenger.score], [9_990_000n, 9_993_000n]);
  assert.equal(after2.prefer, 'active');
  const after3 = compareBranches(b, a[2]!, 103);
  assert.deepEqual([after3.active.score, after3.challenger.score], [14_985_000n, 14_986_000n]);
  const after4 = compareBranches(b, a[3]!, 104);
  assert.deepEqual([after4.active.score, after4.challenger.score], [19_980_000n, 19_978_000n]);
  assert.deepEqual([after4.prefer, after4.reason], ['challenger', 'score']);
});

test('losses on different D_vals are never compared: only each block’s own improvement counts', () => {
  const root = rootBlock();
  const plain = branchOf(root, 'p', [2000, 2000]);
  const first = child(root, 'q1', 2000);
  const moved = child(first, 'q2', 2001, 7_000_000);
  assert.equal(moved.valLoss, 6_997_999);
  assert.equal(compareBranches(plain[1]!, moved, 102).prefer, 'challenger');
  const easier = child(first, 'q3', 1999, 1_000_000);
  assert.equal(compareBranches(plain[1]!, easier, 102).prefer, 'active');
});

test('20,000 random trees: the order is the rule’s, total and free of cycles', () => {
  const random = seededRandom(20_260_301);
  let comparisons = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const blocks = randomTree(random, 3 + Math.floor(random() * 12));
    const root = blocks[0]!;
    const tips = tipsOf(blocks);
    const reach = reachOf(tips);
    const better = tips.map((a) => tips.map((b) => a !== b && plainlyBetter(a, b, reach)));
    for (let a = 0; a < tips.length; a += 1) {
      for (let b = 0; b < tips.length; b += 1) {
        comparisons += 1;
        assert.equal(better[a]![b], a !== b && oracleBetter(tips[a]!, tips[b]!, root, reach), `tree ${i}`);
        assert.ok(!(better[a]![b] && better[b]![a]), `tree ${i}: both better`);
        for (let c = 0; c < tips.length; c += 1) {
          if (better[a]![b] && better[b]![c]) assert.ok(better[a]![c], `tree ${i}: a cycle`);
          // Ties are an equivalence: what ties with b is better than c exactly if b is.
          const tied = !better[a]![b] && !better[b]![a];
          if (tied) assert.equal(better[a]![c], better[b]![c], `tree ${i}: a tie that is none`);
        }
      }
    }
  }
  assert.ok(comparisons > 100_000, `${comparisons} comparisons`);
});

test('20,000 random trees: the tip does not depend on the order of arrival, but among equals', () => {
  const random = seededRandom(20_260_302);
  let unique = 0;
  let tied = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const blocks = randomTree(random, 3 + Math.floor(random() * 9));
    const root = blocks[0]!;
    const tips = tipsOf(blocks);
    const reach = reachOf(tips);
    const best = tips.filter((tip) => !tips.some((other) => oracleBetter(other, tip, root, reach)));
    for (let order = 0; order < 3; order += 1) {
      let active: TestBlock = root;
      const arrived: TestBlock[] = [];
      for (const block of arrivalOrder(blocks, random)) {
        arrived.push(block);
        active = selectTip(tipsOf(arrived), active).tip as TestBlock;
      }
      assert.ok(best.includes(active), `tree ${i}: ${active.id} is not among ${best.map((b) => b.id).join(' ')}`);
    }
    if (best.length === 1) unique += 1;
    else tied += 1;
  }
  assert.ok(unique > 10_000 && tied > 500, `${unique} trees with one best tip, ${tied} with several`);
});

test('20,000 random trees with lateness: the choice ends, every move improves, and nothing that may replace the tip is left', () => {
  const random = seededRandom(20_260_303);
  let late = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const blocks = randomTree(random, 3 + Math.floor(random() * 12));
    for (const block of blocks.slice(1)) {
      block.seenAt = Math.floor(random() * 100);
      block.revealedAt = block.seenAt + Math.floor(random() * 40);
    }
    const tips = tipsOf(blocks);
    const reach = reachOf(tips);
    const start = tips[Math.floor(random() * tips.length)]!;
    const { tip, moves } = selectTip(tips, start);
    for (const move of moves) {
      assert.equal(move.prefer, 'challenger');
      assert.ok(move.challenger.score <= move.active.score);
    }
    assert.equal(plainlyBetter(tip, start, reach), moves.length > 0);
    for (const rival of tips.filter((other) => other !== tip)) {
      const result = compareBranches(tip, rival, reach);
      assert.equal(result.prefer, 'active', `tree ${i}`);
      if (result.reason === 'late') late += 1;
    }
  }
  assert.ok(late > 500, `${late} rivals were held off as late`);
});

test('among equal challengers the one seen first wins', () => {
  const root = rootBlock();
  const a = child(root, 'a', 1000);
  const b = child(root, 'b', 1000);
  a.seenAt = 20;
  b.seenAt = 10;
  assert.equal(selectTip([a, b], root).tip.id, 'b');
  assert.equal(selectTip([b, a], root).tip.id, 'b');
});

test('a verified tip elsewhere raises N for all: a held line costs its branch', () => {
  const root = rootBlock();
  const short = child(root, 's', 2500);
  const long = branchOf(root, 'l', [1000, 2000]);
  assert.equal(compareBranches(short, long[1]!, 102).prefer, 'active');
  assert.equal(compareBranches(short, long[1]!, 104).prefer, 'challenger');
});

test('N is the greatest height of any tip, and no more', () => {
  const root = rootBlock();
  const long = branchOf(root, 'l', [1000, 1000, 1000]);
  assert.equal(reachOf([child(root, 's', 1), long[2]!, long[0]!]), 103);
  assert.equal(reachOf([]), 0);
});

test('of all that may replace the tip the best does, even if it would be late against another of them', () => {
  const root = rootBlock();
  const active = child(root, 'a', 1000);
  const first = child(root, 'b', 2000);
  const best = child(root, 'c', 2100);
  [first.seenAt, first.revealedAt] = [1, 5];
  [best.seenAt, best.revealedAt] = [10, 15];
  const { tip, moves } = selectTip([active, first, best], active);
  assert.deepEqual([tip.id, moves.length], ['c', 1]);
});

test('blocks of different roots are a bug', () => {
  assert.throws(() => forkPoint(child(rootBlock(), 'a', 1), child(rootBlock(), 'b', 1)), AssertionFailure);
});
