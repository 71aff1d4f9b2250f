import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockDataDir } from './data-dir-lock.ts';
import { boundByPermissions, NOT_BOUND } from './testing/bound-by-permissions.ts';

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-lock-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const childScript = `import { lockDataDir } from ${JSON.stringify(new URL('./data-dir-lock.ts', import.meta.url).href)};`;
const nodeArguments = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e'];

test('a second lock on the same directory is refused and names the holder and the fix', () => {
  inFolder((folder) => {
    const lock = lockDataDir(join(folder, 'data'));
    assert.throws(() => lockDataDir(join(folder, 'data')), {
      code: 'store-locked',
      message: new RegExp(`in use by process ${process.pid}\\. Stop that process, or choose another data directory`),
    });
    lock.release();
    lockDataDir(join(folder, 'data')).release();
    assert.deepEqual(readdirSync(join(folder, 'data')), []);
  });
});

test('a data directory that cannot be made is a named error with the fix', () => {
  inFolder((folder) => {
    writeFileSync(join(folder, 'file'), '');
    for (const path of [join(folder, 'file'), join(folder, 'file', 'data')])
      assert.throws(() => lockDataDir(path), {
        code: 'store-io',
        message: /a part of this path is a file.*--data-dir/,
      });
  });
});

const bound = boundByPermissions();

test('a data directory that may not be written is a named error with the fix', {
  skip: bound ? false : NOT_BOUND,
}, () => {
  inFolder((folder) => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o500 });
    for (const path of [closed, join(closed, 'data')]) {
      const script = `${childScript} try { lockDataDir(${JSON.stringify(path)}); } catch (error) { console.log(error.code, error.message); }`;
      const [program, ...rest] = [...bound!, process.execPath, ...nodeArguments, script];
      assert.match(
        spawnSync(program!, rest, { encoding: 'utf8' }).stdout,
        /^store-read-only .*Give this user.*--data-dir/s,
      );
    }
  });
});

test('the lock file is readable by its owner only and holds the process id', {
  skip: process.platform === 'win32',
}, () => {
  inFolder((folder) => {
    const lock = lockDataDir(folder);
    assert.equal(statSync(lock.path).mode & 0o777, 0o600);
    assert.equal((JSON.parse(readFileSync(lock.path, 'utf8')) as { pid: number }).pid, process.pid);
    lock.release();
  });
});

test('the lock of a killed process is taken over', () => {
  inFolder((folder) => {
    const child = spawnSync(process.execPath, [
      ...nodeArguments,
      `${childScript} lockDataDir(${JSON.stringify(folder)}); process.kill(process.pid, 'SIGKILL');`,
    ]);
    assert.notEqual(child.signal, null);
    assert.equal(existsSync(join(folder, 'lock')), true);
    lockDataDir(folder).release();
  });
});

test('a process that is killed while it takes the lock leaves a hidden file, which the next one removes', () => {
  inFolder((folder) => {
    const script = `import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { lockDataDir } = await import(${JSON.stringify(new URL('./data-dir-lock.ts', import.meta.url).href)});
      fs.linkSync = () => process.kill(process.pid, 'SIGKILL');
      syncBuiltinESMExports();
      lockDataDir(${JSON.stringify(folder)});`;
    const child = spawnSync(process.execPath, [...nodeArguments, script]);
    assert.equal(child.signal, 'SIGKILL');
    assert.deepEqual(readdirSync(folder), [`.lock.${child.pid}`]);
    // Of a process that lives.
    writeFileSync(join(folder, `.lock.stale.${process.ppid}`), '');
    lockDataDir(folder).release();
    assert.deepEqual(readdirSync(folder), [`.lock.stale.${process.ppid}`]);
  });
});

test('the lock of a living process is not, and is free again when it ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-lock-'));
  const child = spawn(
    process.execPath,
    [
      ...nodeArguments,
      `${childScript} const lock = lockDataDir(${JSON.stringify(folder)});
       console.log('held'); process.stdin.once('data', () => { lock.release(); process.exit(0); });`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  assert.throws(() => lockDataDir(folder), { code: 'store-locked', message: new RegExp(`process ${child.pid}`) });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.write('end\n');
  await ended;
  lockDataDir(folder).release();
  rmSync(folder, { recursive: true, force: true });
});

test('an id that the system has given to another process does not keep the lock', {
  skip: process.platform === 'linux' ? false : 'only Linux tells when a process started',
}, () => {
  inFolder((folder) => {
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, identity: 'another boot:12345' }));
    lockDataDir(folder).release();
  });
});

test('a lock file without a holder in it is nobody’s', () => {
  for (const content of ['', 'null', '{"pid":"x"}', '{"pid":-1,"identity":""}', 'garbage'])
    inFolder((folder) => {
      writeFileSync(join(folder, 'lock'), content);
      lockDataDir(folder).release();
    });
});

test('release leaves a lock alone that is no longer ours', () => {
  inFolder((folder) => {
    const lock = lockDataDir(folder);
    writeFileSync(lock.path, '{"pid":1,"identity":""}');
    lock.release();
    assert.equal(existsSync(lock.path), true);
  });
});

test('of ten processes that start at once exactly one gets the lock, also over a stale one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-lock-'));
  writeFileSync(join(folder, 'lock'), '{"pid":999999999,"identity":""}');
  const script = `${childScript}
    let got = 'refused';
    try { lockDataDir(${JSON.stringify(folder)}); got = 'locked'; } catch (error) { if (error.code !== 'store-locked') throw error; }
    console.log(got); process.stdin.once('data', () => process.exit(0));`;
  const children = Array.from({ length: 10 }, () =>
    spawn(process.execPath, [...nodeArguments, script], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const answers = await Promise.all(
    children.map(
      (child) => new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data).trim()))),
    ),
  );
  for (const child of children) child.stdin.write('end\n');
  await Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))));
  assert.equal(answers.filter((answer) => answer === 'locked').length, 1, answers.join(' '));
  rmSync(folder, { recursive: true, force: true });
});
