import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { devnet } from '@resonancenet/params/devnet';
import { growtest } from '@resonancenet/params/growtest';
import { mainnet } from '@resonancenet/params/mainnet';
import { regtest } from '@resonancenet/params/regtest';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import { genesisHeader } from './genesis-header.ts';
import { checkFuture, checkHeader, checkHeaderSignature, type ParentView } from './header-checks.ts';
import { childHeader, genesisView, seededRandom, verdictOn, viewOf, withGenesis } from './testing/sample-chain.ts';
import type { VerdictFacts } from './verdict.ts';
import type { VerdictCode } from './verdict-codes.ts';

const params = withGenesis(devnet);
const genesis = genesisView(params);
const first = viewOf(childHeader(genesis, params));

/** Asserts the code and its facts, for the child of block 1 with these fields replaced. */
function refused<C extends VerdictCode>(
  code: C,
  facts: VerdictFacts[C],
  replaced: Partial<BlockHeader>,
  parent: ParentView = first,
  network = params,
): void {
  const verdict = verdictOn(childHeader(parent, network, replaced), parent, network);
  assert.equal(verdict.ok, false, `${code} was accepted`);
  if (verdict.ok) return;
  assert.equal(verdict.code, code);
  assert.deepEqual(verdict.facts, facts);
}

function accepted(replaced: Partial<BlockHeader>, parent: ParentView = first, network = params): void {
  const verdict = verdictOn(childHeader(parent, network, replaced), parent, network);
  assert.deepEqual(verdict, { ok: true });
}

test('an honest chain of 60 headers passes on every kind of network', () => {
  for (const network of [devnet, mainnet, growtest, regtest].map(withGenesis)) {
    let parent = genesisView(network);
    const roots: Uint8Array[] = [];
    for (let i = 0; i < 60; i += 1) {
      const header = childHeader(parent, network, {}, 1000);
      assert.deepEqual(verdictOn(header, parent, network, roots), { ok: true }, `${network.name} ${i}`);
      roots.push(header.checkpointRoot);
      parent = viewOf(header);
    }
  }
});

test('version 1 only', () => {
  refused('header-version', { claimed: 0, expected: 1 }, { version: 0 });
  refused('header-version', { claimed: 2, expected: 1 }, { version: 2 });
});

test('the height is the parent’s and one', () => {
  refused('header-height', { claimed: 1, expected: 2 }, { height: 1 });
  refused('header-height', { claimed: 3, expected: 2 }, { height: 3 });
});

test('prev_hash is the parent’s id', () => {
  const prevHash = first.id.with(31, first.id[31]! ^ 1);
  refused('header-link', { claimed: toHex(prevHash), expected: toHex(first.id) }, { prevHash });
});

test('growth is off by one: refused in both directions', () => {
  refused('header-growth', { claimed: 3n, expected: 4n }, { growth: 3n });
  refused('header-growth', { claimed: 5n, expected: 4n }, { growth: 5n });
});

test('stagnation is off by one: refused in both directions, also against the clock’s rounds', () => {
  refused('header-stagnation', { claimed: 1, expected: 0 }, { stagnation: 1 });
  const timestamp = first.timestamp + 120n;
  accepted({ timestamp });
  refused('header-stagnation', { claimed: 1, expected: 2 }, { timestamp, stagnation: 1 });
  refused('header-stagnation', { claimed: 3, expected: 2 }, { timestamp, stagnation: 3 });
});

test('width and layers are those of the growth', () => {
  refused('header-width', { claimed: 66, expected: 68 }, { dModel: 66 });
  refused('header-width', { claimed: 69, expected: 68 }, { dModel: 69 });
  refused('header-layers', { claimed: 1, expected: 2 }, { nLayers: 1 });
  refused('header-layers', { claimed: 3, expected: 2 }, { nLayers: 3 });
});

test('at the cap 4096 x 48 growth goes on and the shape stays', () => {
  const network = withGenesis(growtest);
  const parent = { ...first, growth: 5374n, valLoss: 4_000_000, timestamp: genesis.timestamp };
  const header = childHeader(parent, network);
  assert.deepEqual([header.growth, header.dModel, header.nLayers], [5376n, 4096, 43]);
  const above = { ...parent, growth: 9000n };
  const capped = childHeader(above, network);
  assert.deepEqual([capped.growth, capped.dModel, capped.nLayers], [9002n, 4096, 48]);
  accepted({}, above, network);
  refused('header-width', { claimed: 4098, expected: 4096 }, { dModel: 4098 }, above, network);
  refused('header-layers', { claimed: 49, expected: 48 }, { nLayers: 49 }, above, network);
  refused('header-growth', { claimed: 9000n, expected: 9002n }, { growth: 9000n }, above, network);
});

test('a timestamp is at least the spacing after the parent’s, to the second', () => {
  const earliest = first.timestamp + 2n;
  accepted({ timestamp: earliest });
  refused('header-too-early', { timestamp: earliest - 1n, earliest }, { timestamp: earliest - 1n });
  refused('header-too-early', { timestamp: 0n, earliest }, { timestamp: 0n });
  const main = withGenesis(mainnet);
  const parent = viewOf(childHeader(genesisView(main), main));
  accepted({ timestamp: parent.timestamp + 600n }, parent, main);
  const early = parent.timestamp + 599n;
  refused('header-too-early', { timestamp: early, earliest: early + 1n }, { timestamp: early }, parent, main);
});

test('with a spacing of 0 a block may have its parent’s second, not an earlier one', () => {
  const network = withGenesis(regtest);
  const parent = viewOf(childHeader(genesisView(network), network));
  accepted({ timestamp: parent.timestamp }, parent, network);
  const early = parent.timestamp - 1n;
  refused('header-too-early', { timestamp: early, earliest: parent.timestamp }, { timestamp: early }, parent, network);
});

test('the loss falls by at least LOSS_STEP: a micro-nat less is refused', () => {
  const { valLoss } = first;
  accepted({ valLoss: valLoss - 1000 });
  const facts = { valLoss: valLoss - 999, parentLoss: valLoss, lossStep: 1000 };
  refused('header-loss-step', facts, { valLoss: valLoss - 999 });
  refused('header-loss-step', { ...facts, valLoss }, { valLoss });
  refused('header-loss-step', { ...facts, valLoss: valLoss + 1 }, { valLoss: valLoss + 1 });
});

test('mainnet’s LOSS_STEP is 100 micro-nats', () => {
  const network = withGenesis(mainnet);
  const parent = genesisView(network);
  accepted({ valLoss: 4_999_900 }, parent, network);
  const facts = { valLoss: 4_999_901, parentLoss: 5_000_000, lossStep: 100 };
  refused('header-loss-step', facts, { valLoss: 4_999_901 }, parent, network);
});

test('where LOSS_STEP is 0 a block may repeat its parent’s loss, not exceed it', () => {
  const network = withGenesis(regtest);
  const parent = genesisView(network);
  accepted({ valLoss: 5_000_000 }, parent, network);
  const facts = { valLoss: 5_000_001, parentLoss: 5_000_000, lossStep: 0 };
  refused('header-loss-step', facts, { valLoss: 5_000_001 }, parent, network);
});

test('parent_loss is the parent’s val_loss, to the micro-nat', () => {
  const expected = first.valLoss;
  refused('header-parent-loss', { claimed: expected - 1, expected }, { parentLoss: expected - 1 });
  refused('header-parent-loss', { claimed: expected + 1, expected }, { parentLoss: expected + 1 });
});

test('no loss exceeds 64 nats', () => {
  refused('header-loss-range', { claimed: 64_000_001, limit: 64_000_000 }, { parentLoss: 64_000_001 });
  refused('header-loss-range', { claimed: 2 ** 32 - 1, limit: 64_000_000 }, { parentLoss: 2 ** 32 - 1 });
});

test('before four stall intervals the D_val stays, from then on it is the next; parent_loss is then free of the old loss', () => {
  const [current, next] = params.genesis.constants!.dvalIds;
  const other = new Uint8Array(32).fill(0xa2);
  const before = { timestamp: first.timestamp + 239n };
  accepted(before);
  refused('header-dval', { claimed: next!, expected: current! }, { ...before, dvalId: other });
  const after = { timestamp: first.timestamp + 240n };
  accepted(after);
  accepted({ ...after, parentLoss: 6_000_000, valLoss: 5_999_000 });
  accepted({ ...after, parentLoss: 64_000_000, valLoss: 63_999_000 });
  const facts = { valLoss: 5_999_001, parentLoss: 6_000_000, lossStep: 1000 };
  refused('header-loss-step', facts, { ...after, parentLoss: 6_000_000, valLoss: 5_999_001 });
  refused('header-dval', { claimed: current!, expected: next! }, { ...after, dvalId: first.dvalId });
  // On a reserve it is the very next one, not another of the list.
  const afterNext = new Uint8Array(32).fill(0xa3);
  refused('header-dval', { claimed: toHex(afterNext), expected: next! }, { ...after, dvalId: afterNext });
});

test('a proposed D_val passes where the branch may activate it, with a parent_loss of half to twice the parent’s, to the micro-nat', () => {
  const proposed = new Uint8Array(32).fill(0xbb);
  const { valLoss } = first;
  const verdict = (parentLoss: number, known: readonly Uint8Array[], replaced: Partial<BlockHeader> = {}): string => {
    const header = childHeader(first, params, {
      dvalId: proposed,
      parentLoss,
      valLoss: parentLoss - 1000,
      ...replaced,
    });
    const result = verdictOn(header, first, params, [], known);
    return result.ok ? 'ok' : result.code;
  };
  const late = { timestamp: first.timestamp + 240n };
  assert.equal(valLoss % 2, 0);
  for (const replaced of [{}, late]) {
    assert.equal(verdict(valLoss, [], replaced), 'header-dval');
    assert.equal(verdict(valLoss, [first.id], replaced), 'header-dval');
    assert.equal(verdict(valLoss, [proposed], replaced), 'ok');
    assert.equal(verdict(valLoss / 2, [proposed], replaced), 'ok');
    assert.equal(verdict(valLoss / 2 - 1, [proposed], replaced), 'header-dval-bounds');
    assert.equal(verdict(2 * valLoss, [proposed], replaced), 'ok');
    assert.equal(verdict(2 * valLoss + 1, [proposed], replaced), 'header-dval-bounds');
  }
  // The set in force never passes after a stall, whatever is proposed.
  assert.equal(verdict(valLoss, [first.dvalId], { ...late, dvalId: first.dvalId }), 'header-dval');
});

test('on a proposed set a stalled block may take any reserve, as its last one is not in sight, and nothing else', () => {
  const proposed = new Uint8Array(32).fill(0xbb);
  const parent = viewOf({ ...childHeader(first, params), dvalId: proposed });
  for (const fill of [0xa1, 0xa2, 0xa3]) {
    const dvalId = new Uint8Array(32).fill(fill);
    accepted({ timestamp: parent.timestamp + 240n, dvalId }, parent);
    const facts = { claimed: toHex(dvalId), expected: toHex(proposed) };
    refused('header-dval', facts, { timestamp: parent.timestamp + 239n, dvalId }, parent);
  }
  const facts = { claimed: toHex(proposed), expected: 'a reserve of the network' };
  refused('header-dval', facts, { timestamp: parent.timestamp + 240n, dvalId: proposed }, parent);
  accepted({ timestamp: parent.timestamp + 239n, dvalId: proposed }, parent);
});

test('the checkpoint of an ancestor is refused, but for networks whose LOSS_STEP is 0', () => {
  const header = childHeader(first, params);
  const verdict = verdictOn(header, first, params, [header.checkpointRoot]);
  assert.equal(verdict.ok ? '' : verdict.code, 'header-repeated-checkpoint');
  assert.deepEqual(verdictOn(header, first, params, [first.id]), { ok: true });
  const network = withGenesis(regtest);
  const parent = genesisView(network);
  const free = childHeader(parent, network);
  assert.deepEqual(verdictOn(free, parent, network, [free.checkpointRoot]), { ok: true });
});

test('a block a second too far ahead of local time waits, and says how long', () => {
  const header = childHeader(first, params);
  assert.deepEqual(checkFuture(header, first, header.timestamp - 2n, params), { ok: true });
  const verdict = checkFuture(header, first, header.timestamp - 3n, params);
  assert.equal(verdict.ok ? '' : verdict.code, 'header-future');
  assert.equal(verdict.ok ? '' : verdict.fault, 'wait');
  assert.equal(verdict.ok ? '' : verdict.condemns, 'message');
  const main = withGenesis(mainnet);
  const parent = genesisView(main);
  const block = childHeader(parent, main);
  assert.equal(checkFuture(block, parent, block.timestamp - 60n, main).ok, true);
  assert.equal(checkFuture(block, parent, block.timestamp - 61n, main).ok, false);
});

test('a signature of another key, or of another id, condemns the message and not the id', () => {
  const header = childHeader(first, params);
  const id = blockId(header);
  assert.deepEqual(checkHeaderSignature(header, id), { ok: true });
  const broken = { ...header, signature: header.signature.with(0, header.signature[0]! ^ 1) };
  for (const verdict of [
    checkHeaderSignature(broken, id),
    checkHeaderSignature({ ...header, signature: new Uint8Array(64) }, id),
    checkHeaderSignature(header, first.id),
    checkHeaderSignature({ ...header, minerKey: header.minerKey.with(0, header.minerKey[0]! ^ 1) }, id),
  ]) {
    assert.equal(verdict.ok ? '' : verdict.code, 'header-signature');
    assert.equal(verdict.ok ? '' : verdict.condemns, 'message');
    assert.equal(verdict.ok ? '' : verdict.fault, 'peer');
  }
  assert.deepEqual(blockId(broken), id);
});

test('block 0 has the network for a parent, so that its id commits to every parameter', () => {
  const header = genesisHeader(params);
  const other = genesisHeader(withGenesis({ ...devnet, lossStep: 1001 }));
  assert.notDeepEqual(blockId(header), blockId(other));
  assert.equal(header.height, 0);
  assert.deepEqual([header.dModel, header.nLayers, header.growth, header.stagnation], [64, 2, 0n, 0]);
  assert.deepEqual([header.valLoss, header.parentLoss], [5_000_000, 5_000_000]);
  assert.equal(toHex(header.dvalId), 'a1'.repeat(32));
  const verdict = verdictOn(header, viewOf(header), params);
  assert.equal(verdict.ok ? '' : verdict.code, 'header-height');
});

test('no header makes a check throw: random fields give a verdict', () => {
  const random = seededRandom(11);
  const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const honest = childHeader(first, params);
  const seen = new Set<string>();
  for (let i = 0; i < 20_000; i += 1) {
    const header: BlockHeader = {
      ...honest,
      version: pick(1, 1, 1, 1, 0, 2 ** 32 - 1),
      height: pick(2, 2, 2, 2, 0, 2 ** 32 - 1),
      growth: pick(4n, 4n, 4n, 6n, 0n, 2n ** 64n - 1n),
      stagnation: pick(0, 0, 0, 1, 2 ** 32 - 1),
      dModel: pick(68, 68, 68, 0, 65_535),
      nLayers: pick(2, 2, 2, 0, 65_535),
      timestamp: pick(honest.timestamp, honest.timestamp, first.timestamp + 240n, 0n, 2n ** 64n - 1n),
      valLoss: pick(honest.valLoss, honest.valLoss, 0, 2 ** 32 - 1),
      parentLoss: pick(honest.parentLoss, honest.parentLoss, 0, 2 ** 32 - 1),
      dvalId: pick(honest.dvalId, honest.dvalId, first.id),
    };
    const verdict = checkHeader(
      header,
      first,
      { hasCheckpoint: () => random() < 0.1, mayActivate: () => random() < 0.1 },
      params,
    );
    seen.add(verdict.ok ? 'ok' : verdict.code);
    checkFuture(header, first, pick(0n, header.timestamp, 2n ** 62n), params);
  }
  assert.ok(seen.has('ok') && seen.size >= 10, [...seen].join(' '));
});

test('headers are checked at well over 5,000 a second, without their signatures', () => {
  const header = childHeader(first, params);
  const roots = new Set(Array.from({ length: 1000 }, (_, i) => i.toString(16).padStart(64, '0')));
  const branch = { hasCheckpoint: (root: Uint8Array) => roots.has(toHex(root)), mayActivate: () => false };
  const rounds = 5000;
  const started = performance.now();
  for (let i = 0; i < rounds; i += 1) {
    const verdict = checkHeader(header, first, branch, params);
    assert.ok(verdict.ok && checkFuture(header, first, header.timestamp, params).ok);
    blockId(header);
  }
  const perSecond = (rounds * 1000) / (performance.now() - started);
  assert.ok(perSecond > 5000, `${Math.round(perSecond)} headers a second`);
});
