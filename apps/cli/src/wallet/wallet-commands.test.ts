import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decode } from '@resonancenet/bytes/decode';
import { keyWindowCodec } from '@resonancenet/keys/key-window';
import { qrParts } from '@resonancenet/keys/qr-parts';
import { boundByPermissions, NOT_BOUND } from '@resonancenet/storage/testing/bound-by-permissions';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rnt-wallet-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const onPosix = process.platform === 'win32' ? 'limits and permissions of POSIX' : false;
const ZERO_WORDS = `${'abandon '.repeat(23)}art`;
const place = ['--data-dir', join(folder, 'data'), '--network', 'regtest', '--rpc-port', '1', '--secrets-fd', '0'];
const placeWithoutSecrets = place.slice(0, -2);
const cheap = ['--kdf-passes', '1'];

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  /** Of the shell that starts it. */
  readonly shell?: string;
  /** What stands before the command. */
  readonly before?: readonly string[];
}

/** `rnt wallet`, with secrets by its standard input. */
async function wallet(args: readonly string[], secrets: readonly string[], options: RunOptions = {}): Promise<Run> {
  const before =
    options.shell === undefined ? (options.before ?? []) : ['/bin/sh', '-c', `${options.shell}; exec "$@"`, 'sh'];
  const command = [...before, process.execPath, '--disable-warning=ExperimentalWarning', main, 'wallet', ...args];
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(secrets.map((line) => `${line}\n`).join(''));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

async function jsonOf(args: readonly string[], secrets: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await wallet([...args, ...place, '--json'], secrets);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('a script restores a wallet, prints its kit, backs it up and restores that', async () => {
  const restored = await jsonOf(
    ['restore', 'a', ...cheap, '--words', '--policy', 'emissionReturn(200)'],
    [ZERO_WORDS, 'p'],
  );
  const { kit, fingerprint } = restored as { kit: { steps: { command: string }[] }; fingerprint: string };
  assert.equal(
    kit.steps[0]?.command,
    `rnt wallet restore a --network regtest --words --policy 'emissionReturn(200)' --birth-height 0 --fingerprint ${fingerprint}`,
  );
  const [page, window] = [join(folder, 'kit.html'), join(folder, 'a.window')];
  await jsonOf(['kit', 'a', '--out', page, '--window-out', window], []);
  assert.match(readFileSync(page, 'utf8'), /<pre>RECOVERY KIT[\s\S]*emissionReturn\(200\)[\s\S]*<svg/);
  assert.ok(decode(keyWindowCodec, new Uint8Array(readFileSync(window))).ok);
  const out = join(folder, 'a.backup');
  const backup = await jsonOf(['backup', 'a', ...cheap, '--out', out, '--qr-out', join(folder, 'codes.html')], ['p']);
  assert.equal(backup['codes'], 1);
  const [codes, joined] = [join(folder, 'codes.txt'), join(folder, 'joined.backup')];
  writeFileSync(codes, `\n${qrParts(new Uint8Array(readFileSync(out))).join('\n')}\n`);
  assert.equal((await wallet(['join-codes', codes, '--out', joined], [])).code, 0);
  assert.deepEqual(readFileSync(joined), readFileSync(out));
  const again = await jsonOf(['restore', 'b', ...cheap, '--backup', out], ['p', 'q']);
  assert.equal(again['fingerprint'], fingerprint);
  const { code, stdout } = await wallet(['unlock', 'b', ...place, '--json'], ['p']);
  assert.equal(code, 1);
  assert.match(stdout, /"code":"wrong-passphrase"/);
});

test('a rehearsal of a wallet that is not there is refused before anything is started', async () => {
  const { code, stderr } = await wallet(['recovery', 'rehearse', '--wallet', 'nobody', ...placeWithoutSecrets], []);
  assert.equal(code, 2);
  assert.match(stderr, /There is no wallet 'nobody'/);
});

test('a wallet is not made without a choice, and no command works on two wallets', async () => {
  const { code, stderr } = await wallet(['create', 'c', ...place], ['p']);
  assert.equal(code, 2);
  assert.match(stderr, /--strategy heartbeat, social or emission-return/);
  for (const name of ['x', 'y']) mkdirSync(join(folder, 'two/regtest/wallets', name), { recursive: true });
  const two = await wallet(['lock', '--data-dir', join(folder, 'two'), '--network', 'regtest'], []);
  assert.equal(two.code, 2);
  assert.match(two.stderr, /2 wallets \(x, y\)/);
});

test('a full disk ends with a clear error, and the old file stays', { skip: onPosix }, async () => {
  const out = join(folder, 'old.backup');
  const args = [...place.slice(0, 2), '--network', 'regtest', '--rpc-port', '1', '--secrets-fd', '0', ...cheap];
  await jsonOf(['create', 'full', '--unencrypted', ...cheap, '--policy', 'emissionReturn(200)'], []);
  writeFileSync(out, 'old');
  // The limit of file sizes stands for the disk's end: writing fails at the same place.
  const backup = await wallet(['backup', 'full', ...args, '--out', out, '--force'], ['p'], { shell: 'ulimit -f 0' });
  assert.equal(backup.code, 1);
  assert.match(backup.stderr, /^rnt: .*old\.backup.*(too large|smaller)/m);
  assert.equal(readFileSync(out, 'utf8'), 'old');
  assert.equal(existsSync(`${out}.partial`), false);
  const create = ['create', 'none', ...args, '--policy', 'emissionReturn(200)'];
  const made = await wallet(create, ['p'], { shell: 'ulimit -f 0' });
  assert.equal(made.code, 1);
  assert.equal(existsSync(join(folder, 'data/regtest/wallets/none')), false);
});

const bound = boundByPermissions();

test('a folder that may not be written ends with a clear error, and the old file stays', {
  skip: bound ? false : NOT_BOUND,
}, async () => {
  const locked = mkdtempSync(join(tmpdir(), 'rnt-wallet-'));
  try {
    const out = join(locked, 'old.backup');
    const data = join(locked, 'data');
    writeFileSync(out, 'old');
    mkdirSync(data);
    const args = ['--data-dir', data, '--network', 'regtest', '--rpc-port', '1', '--secrets-fd', '0', ...cheap];
    const as: RunOptions = { before: bound! };
    const create = ['create', 'w', ...args, '--policy', 'emissionReturn(200)'];
    chmodSync(data, 0o500);
    const refused = await wallet(create, ['p'], as);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /may not be opened by this account|cannot be written|denied/);
    chmodSync(data, 0o700);
    const made = await wallet(create, ['p'], as);
    assert.equal(made.code, 0, made.stderr);
    chmodSync(locked, 0o500);
    const backup = await wallet(['backup', 'w', ...args, '--out', out, '--force'], ['p'], as);
    assert.equal(backup.code, 1);
    assert.match(backup.stderr, /may not be opened by this account/);
    assert.equal(readFileSync(out, 'utf8'), 'old');
  } finally {
    chmodSync(locked, 0o700);
    rmSync(locked, { recursive: true, force: true });
  }
});
