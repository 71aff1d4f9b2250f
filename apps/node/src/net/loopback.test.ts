import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from './loopback.ts';

test('isLoopback() knows this machine in every form that sockets give, and nothing else', () => {
  for (const host of ['127.0.0.1', '127.0.1.77', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])
    assert.equal(isLoopback(host), true, host);
  for (const host of ['192.0.2.1', '128.0.0.1', '::', '::2', '::ffff:192.0.2.1', '127.0.0.1.example', 'unknown', ''])
    assert.equal(isLoopback(host), false, host);
});
