import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, parseConfigFile, readSettings } from './read-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-config-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('readSettings() prefers the flag to the environment, that to the file, that to the default', () => {
  const flags = { 'data-dir': folder };
  const level = (given: object, environment: Record<string, string>): string =>
    readSettings({ ...flags, ...given }, environment)['log-level'];
  assert.equal(level({}, {}), 'info');
  writeFileSync(
    join(folder, 'rnt.conf'),
    '# comment\nlog-level = warn # quiet\nconnect = a:1, b:2\nconnect = c:3\nmine = yes\n',
  );
  assert.equal(level({}, {}), 'warn');
  assert.equal(level({}, { RNT_LOG_LEVEL: 'debug' }), 'debug');
  assert.equal(level({ 'log-level': 'error' }, { RNT_LOG_LEVEL: 'debug' }), 'error');
  const all = readSettings(flags, {});
  assert.deepEqual(all.connect, ['a:1', 'b:2', 'c:3']);
  assert.equal(all.mine, true);
});

test('readSettings() names the flag, the variable or the line that is wrong', () => {
  const refused = (work: () => unknown, pattern: RegExp): void => {
    assert.throws(work, (error: unknown) => error instanceof ConfigError && pattern.test(error.message));
  };
  refused(() => readSettings({ 'data-dir': folder, port: '70000' }, {}), /--port/);
  refused(() => readSettings({ 'data-dir': folder, threads: '' }, {}), /--threads/);
  refused(() => readSettings({ 'data-dir': folder }, { RNT_MINE: 'perhaps' }), /RNT_MINE/);
  refused(() => parseConfigFile('a = 1', 'f'), /f, line 1.*no setting 'a'/);
  refused(() => parseConfigFile('\n\nmine', 'f'), /line 3.*name = value/);
  refused(() => parseConfigFile('port = 1\nport = 2', 'f'), /line 2.*twice/);
  refused(() => parseConfigFile('log-level = loud', 'f'), /line 1/);
  refused(() => parseConfigFile('data-dir = /x', 'f'), /--data-dir/);
});
