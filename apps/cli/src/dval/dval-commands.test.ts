import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { decodeDval, dvalId } from '@resonancenet/params/dval';
import { regtest } from '@resonancenet/params/regtest';
import { proposalHash } from '@resonancenet/primitives/dval-vote';
import { UsageError } from '../errors.ts';
import { jsonOf, runCli } from '../testing/run-cli.ts';
import { sampleText } from '../testing/sample-text.ts';
import { readSetFile } from './set-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-dval-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const text = path('text.txt');
writeFileSync(text, sampleText(2_000, 3));

test('dval make cuts a set from the end of the text and names its proposal; the file is for its author only', async () => {
  const made = await jsonOf(['dval', 'make', '--network', 'regtest', '--text', text, '--out', path('set.json')]);
  const set = readSetFile(path('set.json'));
  assert.deepEqual([made['proposal'], made['dvalId'], made['network']], [set.proposal, set.dvalId, 'regtest']);
  const shard = fromHex(set.shard);
  const decoded = decodeDval(shard, regtest);
  assert.ok(decoded.ok);
  // Regtest: 4 x 32 bytes of text.
  assert.deepEqual(
    decoded.windows.flatMap((ids) => [...ids]),
    [...readFileSync(text).subarray(2_000 - 128)],
  );
  assert.equal(toHex(dvalId(shard)), set.dvalId);
  assert.equal(toHex(proposalHash(fromHex(set.salt), shard)), set.proposal);
  assert.equal(statSync(path('set.json')).mode & 0o077, 0);
  // Another salt each time: the same text makes another proposal.
  const again = await jsonOf(['dval', 'make', '--network', 'regtest', '--text', text, '--out', path('again.json')]);
  assert.equal(again['dvalId'], made['dvalId']);
  assert.notEqual(again['proposal'], made['proposal']);
});

test('a set file that was changed is refused, and so is one that is none', () => {
  const file = path('changed.json');
  const set = { network: 'regtest', dvalId: '11'.repeat(32), salt: '22'.repeat(32), shard: '00'.repeat(256) };
  const proposal = toHex(proposalHash(fromHex(set.salt), fromHex(set.shard)));
  writeFileSync(file, JSON.stringify({ ...set, proposal }));
  assert.equal(readSetFile(file).proposal, proposal);
  writeFileSync(file, JSON.stringify({ ...set, proposal, shard: `01${set.shard.slice(2)}` }));
  assert.throws(() => readSetFile(file), UsageError);
  writeFileSync(file, 'text');
  assert.throws(() => readSetFile(file), UsageError);
  assert.throws(() => readSetFile(path('none.json')), UsageError);
});

test('dval make overwrites nothing, and dval propose says that no node runs', async () => {
  const taken = await runCli(['dval', 'make', '--network', 'regtest', '--text', text, '--out', text]);
  assert.deepEqual([taken.code, taken.stderr.includes('exists already')], [2, true]);
  const out = path('third.json');
  await jsonOf(['dval', 'make', '--network', 'regtest', '--text', text, '--out', out]);
  const alone = await runCli(['dval', 'propose', out, '--network', 'regtest', '--data-dir', folder]);
  assert.equal(alone.code, 1);
  assert.match(alone.stderr, /No node is running/);
  const other = await runCli(['dval', 'propose', out, '--network', 'devnet', '--data-dir', folder]);
  assert.deepEqual([other.code, other.stderr.includes('is a set of network regtest')], [2, true]);
});
