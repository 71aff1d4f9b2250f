import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UploadQueue, type UploadRequest, uploadLimits } from './upload-queue.ts';

const chunk = (index: number): UploadRequest => ({ what: 'chunk', id: 'aa'.repeat(32), index });

function queue(bytesPerSecond: number | null, ...peers: string[]): UploadQueue {
  const made = new UploadQueue({ ...uploadLimits, bytesPerSecond }, 0);
  for (const peer of peers) made.addPeer(peer);
  return made;
}

test('UploadQueue serves peers in turn, each in the order of its requests', () => {
  const uploads = queue(null, 'greedy', 'modest');
  for (let index = 0; index < 5; index += 1) uploads.push('greedy', chunk(index));
  uploads.push('modest', chunk(9));
  const order: string[] = [];
  for (let turn = uploads.next(0); turn !== null; turn = uploads.next(0))
    order.push(`${turn.peer} ${turn.request.what === 'chunk' ? turn.request.index : ''}`);
  assert.deepEqual(order, ['greedy 0', 'modest 9', 'greedy 1', 'greedy 2', 'greedy 3', 'greedy 4']);
});

test('UploadQueue refuses more waiting requests than an honest peer has', () => {
  const uploads = queue(null, 'a');
  for (let index = 0; index < uploadLimits.waitingPerPeer; index += 1)
    assert.equal(uploads.push('a', chunk(index)), true);
  assert.equal(uploads.push('a', chunk(99)), false);
});

test('UploadQueue holds back a peer that does not take what it asked for', () => {
  const uploads = queue(null, 'stuck', 'reads');
  for (const peer of ['stuck', 'reads']) for (let index = 0; index < 3; index += 1) uploads.push(peer, chunk(index));
  uploads.charge('stuck', uploadLimits.unsentBytes, 0);
  const served = [uploads.next(0), uploads.next(0), uploads.next(0)].map((turn) => turn?.peer);
  assert.deepEqual(served, ['reads', 'reads', 'reads']);
  assert.equal(uploads.next(0), null);
  uploads.setUnsent('stuck', uploadLimits.unsentBytes - 1);
  assert.equal(uploads.next(0)?.peer, 'stuck');
});

test('UploadQueue keeps the whole under its cap and says when it goes on', () => {
  const uploads = queue(1000, 'a');
  for (let index = 0; index < 30; index += 1) uploads.push('a', chunk(index));
  let sent = 0;
  let nowMs = 0;
  while (nowMs < 20_000) {
    for (let turn = uploads.next(nowMs); turn !== null; turn = uploads.next(nowMs)) {
      uploads.charge('a', 1000, nowMs);
      uploads.setUnsent('a', 0);
      sent += 1000;
    }
    const next = uploads.nextMs(nowMs);
    assert.ok(next !== null && next > nowMs);
    nowMs = next;
  }
  assert.ok(sent >= 20_000 && sent <= 23_000, `${sent} bytes in 20 s`);
});
