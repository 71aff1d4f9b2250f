import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { jsonLines, runCli, twoAtATime } from './testing/run-cli.ts';

const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;

test('rnt and its groups without a command show their help and end with 2', async () => {
  await twoAtATime([[], ['model'], ['network']], async (args) => {
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /Usage: rnt .*\[command\]/);
    assert.match(stderr, /Commands:/);
  });
});

test('rnt --version prints the version', async () => {
  assert.deepEqual(await runCli(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

test('every command has a --help with examples, on the standard output', async () => {
  const commands = [
    ...['train', 'eval', 'generate', 'grow', 'inspect', 'export'].map((name) => ['model', name]),
    ...[
      [],
      ['model'],
      ['rpc'],
      ['network', 'create'],
      ['start'],
      ['node'],
      ['demo'],
      ['wallet', 'create'],
      ['wallet', 'unlock'],
    ],
  ];
  await twoAtATime(commands, async (command) => {
    const { code, stdout, stderr } = await runCli([...command, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Usage: ${['rnt', ...command].join(' ')}`));
    assert.match(stdout, /Examples:\n {2}\$ (rnt|npm)/);
    assert.equal(stderr, '');
  });
});

test('an unknown command or option ends with 2 and suggests the one that was meant', async () => {
  const cases = [
    { args: ['modle'], hint: /unknown command 'modle'.*\(Did you mean model\?\)/s },
    { args: ['model', 'tran'], hint: /unknown command 'tran'.*\(Did you mean train\?\)/s },
    { args: ['model', 'inspect', '--cofig', 'x'], hint: /unknown option '--cofig'.*Did you mean --config\?/s },
    { args: ['network', 'creat'], hint: /Did you mean create\?/ },
  ];
  await twoAtATime(cases, async ({ args, hint }) => {
    const { code, stderr } = await runCli(args);
    assert.equal(code, 2);
    assert.match(stderr, hint);
    assert.match(stderr, /add --help/);
  });
});

test('with --json wrong usage is a JSON object too', async () => {
  const result = await runCli(['model', 'eval', '--json']);
  assert.equal(result.code, 2);
  assert.deepEqual(jsonLines(result), [
    { error: { code: 'usage', message: "error: required option '--checkpoint <file>' not specified" } },
  ]);
});
