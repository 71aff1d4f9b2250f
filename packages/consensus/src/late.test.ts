import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBranches, selectTip } from './fork-choice.ts';
import { countedSeenAt, followTimeMs, lateHeight, outweighsLateness, revealedAt } from './late.ts';
import { branchOf, child, rootBlock } from './testing/fork-trees.ts';

// Times in milliseconds. The active branch's blocks come every 10 s: header seen at 10, 20, ... s, chunks at hand 2 s later.
const active = (i: number): readonly [number, number] => [10_000 * (i + 1), 10_000 * (i + 1) + 2000];

test('late sibling: a thief who fine-tunes the revealed checkpoint needs a quarter more, not a micro-nat', () => {
  const root = rootBlock();
  const honest = child(root, 'honest', 4000);
  [honest.seenAt, honest.revealedAt] = [10_000, 12_000];
  const thief = (gain: number, seenAt: number): ReturnType<typeof compareBranches> => {
    const block = child(root, 'thief', gain);
    block.seenAt = seenAt;
    return compareBranches(honest, block, 101);
  };
  for (const gain of [4001, 4500, 4999]) {
    const result = thief(gain, 12_001);
    assert.deepEqual([result.prefer, result.reason, result.lateHeight], ['active', 'late', 101]);
    assert.ok(result.challenger.score < result.active.score, 'by score alone the thief would win');
  }
  assert.deepEqual([thief(5000, 12_001).prefer, thief(5000, 12_001).reason], ['challenger', 'score']);
  // Competition, not theft: the header was there when the chunks were not. The last moment is the reveal itself.
  assert.equal(thief(4001, 12_000).prefer, 'challenger');
  assert.equal(thief(4001, 11_000).prefer, 'challenger');
});

test('a rival’s revealed checkpoint signed anew has the same loss and displaces nothing', () => {
  const root = rootBlock();
  const honest = child(root, 'honest', 4000);
  const copy = child(root, 'copy', 4000);
  copy.seenAt = 1;
  assert.deepEqual(
    [compareBranches(honest, copy, 101).prefer, compareBranches(honest, copy, 101).reason],
    ['active', 'incumbent'],
  );
});

test('copied branch: all revealed checkpoints signed anew and the last one improved a little is held off', () => {
  const root = rootBlock();
  const honest = branchOf(root, 'h', [4000, 3000, 2500], active);
  const copyOf = (extra: number, seenAt: (i: number) => number): ReturnType<typeof compareBranches> => {
    const copy = branchOf(root, 't', [4000, 3000, 2500 + extra], (i) => [seenAt(i), Infinity]);
    return compareBranches(honest[2]!, copy[2]!, 103);
  };
  const afterAll = (): number => 40_000;
  // The honest line falls by 9500 micro-nats; a late copy must fall by 11,875.
  for (const extra of [1, 250, 2374]) {
    const result = copyOf(extra, afterAll);
    assert.deepEqual([result.prefer, result.reason, result.lateHeight], ['active', 'late', 101]);
    assert.equal(result.challenger.score, result.active.score - BigInt(extra));
  }
  assert.equal(copyOf(2375, afterAll).prefer, 'challenger');
  // Following each reveal at once is late as well, if only at one height.
  assert.equal(copyOf(250, (i) => active(i)[1] + 1).prefer, 'active');
  assert.equal(copyOf(250, (i) => (i < 2 ? active(i)[0] : active(i)[1] + 1)).reason, 'late');
  // Being later than a header, but not than its chunks, is honest competition at every height.
  assert.equal(copyOf(250, (i) => active(i)[1]).prefer, 'challenger');
});

test('copied and extended: blocks that run ahead of the active tip do not make up for late ones', () => {
  const root = rootBlock();
  const honest = branchOf(root, 'h', [4000, 3000], active);
  const thief = branchOf(root, 't', [4000, 3000, 1700], (i) => [30_000 + i, Infinity]);
  const result = compareBranches(honest[1]!, thief[2]!, 103);
  assert.deepEqual([result.prefer, result.reason], ['active', 'late']);
  const enough = branchOf(root, 'u', [4000, 3000, 1750], (i) => [30_000 + i, Infinity]);
  assert.equal(compareBranches(honest[1]!, enough[2]!, 103).prefer, 'challenger');
});

test('a late challenger that is worse anyway is refused for its score, not for lateness', () => {
  const root = rootBlock();
  const honest = branchOf(root, 'h', [4000], active);
  const worse = branchOf(root, 'w', [3999], () => [12_001, Infinity]);
  const result = compareBranches(honest[0]!, worse[0]!, 101);
  assert.deepEqual([result.prefer, result.reason, result.lateHeight], ['active', 'score', 101]);
});

test('heights that only one branch has are never late', () => {
  const root = rootBlock();
  const honest = branchOf(root, 'h', [4000, 3000], active);
  const onTime = branchOf(root, 'c', [4100], () => [11_000, Infinity]);
  assert.equal(lateHeight(honest, onTime), null);
  assert.equal(lateHeight(onTime, honest), null);
  const extension = child(honest[1]!, 'next', 1);
  extension.seenAt = 1e9;
  assert.equal(compareBranches(honest[1]!, extension, 103).prefer, 'challenger');
});

test('a displaced branch that was there first is not late against the one that displaced it', () => {
  const root = rootBlock();
  const honest = branchOf(root, 'h', [4000], active);
  const thief = branchOf(root, 't', [5000], () => [13_000, 15_000]);
  assert.equal(selectTip([honest[0]!, thief[0]!], honest[0]!).tip.id, 't1');
  const answer = child(honest[0]!, 'h2', 2500);
  answer.seenAt = 20_000;
  assert.equal(selectTip([thief[0]!, answer], thief[0]!).tip.id, 'h2');
});

test('a header reserves nothing unless its chunks follow within the spacing, at least 2 s', () => {
  assert.deepEqual([followTimeMs(600), followTimeMs(2), followTimeMs(0)], [600_000, 2000, 2000]);
  assert.equal(countedSeenAt(1000, 601_000, 600), 1000);
  assert.equal(countedSeenAt(1000, 601_001, 600), 601_001);
  assert.equal(countedSeenAt(1000, 3000, 0), 1000);
  assert.equal(countedSeenAt(1000, 3001, 0), 3001);
});

test('while a node is out of contact nothing is late, and for the follow time after', () => {
  const outage = { from: 50_000, to: 90_000 };
  // Before the outage, and long after it, the chunks' own time counts.
  assert.equal(revealedAt(49_999, [outage], 2), 49_999);
  assert.equal(revealedAt(92_001, [outage], 2), 92_001);
  for (const chunksAt of [50_000, 70_000, 90_000, 91_999]) assert.equal(revealedAt(chunksAt, [outage], 2), 92_000);
  assert.equal(revealedAt(60_000, [{ from: 50_000, to: null }], 2), Infinity);
  assert.equal(revealedAt(70_000, [{ from: 0, to: 10 }, outage], 2), 92_000);
  assert.equal(revealedAt(70_000, [], 2), 70_000);
});

test('partition: with the outage known both sides end on the better branch, without it each keeps its own', () => {
  for (const [gainsA, gainsB] of [
    [
      [3000, 2800, 2600],
      [3100, 2700, 2900],
    ],
    [
      [3000, 2800],
      [2900, 2950],
    ],
    [
      [2000, 2000, 2000, 2000, 2000],
      [2000, 2000, 2000, 2000, 2001],
    ],
  ] as const) {
    const healed = (outages: readonly { from: number; to: number | null }[]): readonly string[] => {
      // Own blocks come every 10 s from 10 s on; the other side's headers all at 100 s, when the two halves meet.
      const view = (own: 'a' | 'b'): string => {
        const root = rootBlock();
        const times =
          (name: string) =>
          (i: number): readonly [number, number] =>
            name === own
              ? [10_000 * (i + 1), revealedAt(10_000 * (i + 1), outages, 2)]
              : [100_000 + i, revealedAt(101_000 + i, outages, 2)];
        const a = branchOf(root, 'a', gainsA, times('a')).at(-1)!;
        const b = branchOf(root, 'b', gainsB, times('b')).at(-1)!;
        return selectTip([a, b], own === 'a' ? a : b).tip.id;
      };
      return [view('a'), view('b')];
    };
    const [fromA, fromB] = healed([{ from: 5000, to: 100_000 }]);
    assert.equal(fromA, fromB);
    assert.notEqual(healed([])[0], healed([])[1]);
  }
});

test('the quarter is exact: four times the challenger’s fall reaches five times the active one’s', () => {
  for (const [challenger, active, outweighs] of [
    [1n, 1n, false],
    [5n, 4n, true],
    [6n, 5n, false],
    [7n, 5n, true],
    [1_249n, 1_000n, false],
    [1_250n, 1_000n, true],
  ] as const)
    assert.equal(outweighsLateness(challenger, active), outweighs, `${challenger} against ${active}`);
});

test('of several outages the one that ends last decides', () => {
  const outages = [
    { from: 0, to: 10 },
    { from: 500, to: 1_000 },
    { from: 600, to: 700 },
  ];
  assert.equal(revealedAt(650, outages, 0), 3_000);
  assert.equal(revealedAt(499, outages, 0), 2_010, 'the later ones had not begun');
  assert.equal(revealedAt(5_000, outages, 0), 5_000);
});
