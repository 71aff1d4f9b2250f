import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Discouragement } from './discouragement.ts';
import { OutboundTargets } from './outbound-targets.ts';

test('OutboundTargets tries at once, then after 500 ms, doubling to 10 s', () => {
  const targets = new OutboundTargets();
  targets.add('one:1', 0);
  const waits: number[] = [];
  let nowMs = 0;
  for (let attempt = 0; attempt < 8; attempt += 1) {
    assert.deepEqual(targets.due(nowMs), ['one:1']);
    assert.deepEqual(targets.due(nowMs), [], 'not twice');
    targets.failed('one:1', false, nowMs);
    const next = targets.nextMs() ?? 0;
    waits.push(next - nowMs);
    assert.deepEqual(targets.due(next - 1), []);
    nowMs = next;
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
});

test('OutboundTargets begins again at 500 ms after a good connection, and waits long after a fault', () => {
  const targets = new OutboundTargets();
  targets.add('one:1', 0);
  targets.due(0);
  targets.failed('one:1', false, 0);
  targets.due(500);
  targets.ready('one:1', 'peer');
  assert.equal(targets.nextMs(), null);
  assert.deepEqual(targets.contacts(), [{ peer: 'peer', heardMs: null }]);
  targets.lost('other', false, 8000, 9000);
  assert.equal(targets.nextMs(), null);
  targets.lost('peer', false, 8500, 9000);
  assert.deepEqual(targets.contacts(), [{ peer: null, heardMs: 8500 }]);
  assert.equal(targets.nextMs(), 9500);
  targets.due(9500);
  targets.failed('one:1', true, 9500);
  assert.equal(targets.nextMs(), 69_500);
  targets.remove('one:1');
  assert.equal(targets.nextMs(), null);
  assert.equal(targets.size, 0);
});

test('Discouragement ends after ten minutes and remembers a bounded number of hosts', () => {
  const hosts = new Discouragement();
  hosts.add('bad', 0);
  assert.equal(hosts.has('bad', 599_999), true);
  assert.equal(hosts.has('bad', 600_000), false);
  assert.equal(hosts.has('good', 0), false);
  for (let i = 0; i < 2000; i += 1) hosts.add(`host-${i}`, 0);
  assert.equal(hosts.has('host-0', 1), false);
  assert.equal(hosts.has('host-1999', 1), true);
});
