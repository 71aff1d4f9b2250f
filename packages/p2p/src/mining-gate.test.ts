import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GateFacts, gateNextMs, gateVerdict, RELAY_LAG } from './mining-gate.ts';

const facts: GateFacts = {
  startedMs: 1000,
  hasKnownPeers: false,
  everHadPeer: false,
  mineAlone: false,
  isSettling: false,
  isChoosing: false,
  standings: [],
};
const level = { lag: 0, isDiverged: false };

const cases: readonly (readonly [string, Partial<GateFacts>, number, boolean, string])[] = [
  ['no known peer: mines at once', {}, 1000, true, 'alone'],
  ['known peers: waits at first', { hasKnownPeers: true }, 1000, false, 'waiting'],
  ['known peers: waits until 10 s are over', { hasKnownPeers: true }, 10_999, false, 'waiting'],
  ['known peers: mines when none answered in 10 s', { hasKnownPeers: true }, 11_000, true, 'no-answer'],
  ['a peer that agrees', { hasKnownPeers: true, everHadPeer: true, standings: [level] }, 2000, true, 'in-sync'],
  [
    'a peer within the relay lag',
    { everHadPeer: true, standings: [{ ...level, lag: RELAY_LAG }] },
    2000,
    true,
    'in-sync',
  ],
  [
    'a peer beyond the relay lag',
    { everHadPeer: true, standings: [{ ...level, lag: RELAY_LAG + 1 }] },
    2000,
    false,
    'behind',
  ],
  ['one of two peers agrees', { everHadPeer: true, standings: [{ ...level, lag: 9 }, level] }, 2000, true, 'in-sync'],
  ['the last peer is gone: never mines again by itself', { everHadPeer: true }, 9_000_000, false, 'lost'],
  [
    'a peer that has not told its headers',
    { everHadPeer: true, standings: [{ lag: null, isDiverged: false }] },
    2000,
    false,
    'asking',
  ],
  [
    'a peer below finality',
    { everHadPeer: true, standings: [{ lag: null, isDiverged: true }] },
    2000,
    false,
    'diverged',
  ],
  [
    'while the operator decides, all peers count',
    { everHadPeer: true, isSettling: true, standings: [{ ...level, lag: 9 }, level] },
    2000,
    false,
    'settling',
  ],
  [
    'when all are decided on, it is over',
    { everHadPeer: true, isSettling: true, standings: [level, level] },
    2000,
    true,
    'in-sync',
  ],
  ['the operator allows it', { everHadPeer: true, mineAlone: true }, 2000, true, 'mine-alone'],
];

for (const [title, changed, nowMs, mayMine, code] of cases)
  test(`gateVerdict(): ${title}`, () => {
    const verdict = gateVerdict({ ...facts, ...changed }, nowMs);
    assert.deepEqual([verdict.mayMine, verdict.code], [mayMine, code]);
    assert.ok(verdict.reason.length > 10);
  });

test('gateNextMs() is the end of the first wait, and nothing else', () => {
  assert.equal(gateNextMs({ ...facts, hasKnownPeers: true }, 1000), 11_000);
  assert.equal(gateNextMs({ ...facts, hasKnownPeers: true }, 11_000), null);
  assert.equal(gateNextMs({ ...facts, hasKnownPeers: true, everHadPeer: true }, 1000), null);
  assert.equal(gateNextMs(facts, 1000), null);
});
