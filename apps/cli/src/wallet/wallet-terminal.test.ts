import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { encodeKeyText } from '@resonancenet/keys/key-text';
import { regtest } from '@resonancenet/params/regtest';
import { encodeAddress, encodeBase58Address } from '@resonancenet/primitives/address';
import { jsonOf } from '../testing/run-cli.ts';
import { noTerminal, TerminalRun } from '../testing/terminal-run.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'rnt-wallet-'));
after(() => rmSync(dataDir, { recursive: true, force: true }));

const place = ['--data-dir', dataDir, '--network', 'regtest', '--rpc-port', '1'];
const PASSPHRASE = 'correct horse';

test('a person makes a wallet in a talk: strategy, words that are asked back, passphrase; and opens it', {
  skip: noTerminal,
}, async () => {
  const run = new TerminalRun(['wallet', 'create', ...place, '--kdf-passes', '1']);
  await run.until(/1 heartbeat +2 social +3 emission-return/);
  await run.until(/Strategy \(1, 2, 3\): /);
  run.type('4');
  await run.until(/Type 1, 2 or 3/);
  run.type('3');
  await run.until(/Blocks, blocks from 200 to .*: /);
  run.type('199');
  await run.until(/from 200 to/);
  run.type('200');
  await run.until(/emissionReturn\(200\)/);
  run.type('yes');
  await run.until(/These words are the wallet/);
  const page = (await run.until(/^[\s\S]*Press Enter when they are on paper: /))[0];
  const words = new Map([...page.matchAll(/(\d+)\. ([a-z]+)/g)].map((match) => [match[1], match[2]]));
  assert.equal(words.size, 24);
  const inOrder = Array.from({ length: 24 }, (_, index) => words.get(String(index + 1)));
  run.type('');
  for (let asked = 0; asked < 3; asked++) {
    const [, position] = await run.until(/Word (\d+): /);
    run.type(words.get(position)!);
  }
  const [, fingerprint] = await run.until(/Fingerprint of this wallet: ([0-9a-f]{8})/);
  await run.until(/New passphrase of wallet 'main': /);
  run.type('one');
  await run.until(/The same again: /);
  run.type('another');
  await run.until(/not the same/);
  await run.until(/New passphrase of wallet 'main': /);
  run.type(`x\u007f${PASSPHRASE}`);
  await run.until(/The same again: /);
  run.type(PASSPHRASE);
  await run.until(/RECOVERY KIT/);
  await run.until(/policy of account 0:\r?\n[\s\S]*[█▀▄]/);
  assert.equal(await run.end(), 0);
  assert.doesNotMatch(run.shown, /correct horse|another\r/);

  const again = new TerminalRun(['wallet', 'unlock', ...place]);
  await again.until(/Passphrase of wallet 'main': /);
  again.type('wrong');
  await again.until(/the passphrase is wrong/);
  await again.until(/Passphrase of wallet 'main': /);
  again.type(PASSPHRASE);
  await again.until(/Wallet 'main' is unlocked for 900 s/);
  assert.equal(await again.end(), 0);
  assert.deepEqual(await jsonOf(['wallet', 'lock', ...place]), { name: 'main', wasUnlocked: true });

  const kit = new TerminalRun(['wallet', 'kit', ...place, '--with-words']);
  await kit.until(new RegExp(`fingerprint +${fingerprint}`));
  await kit.until(/Passphrase of wallet 'main': /);
  kit.type(PASSPHRASE);
  await kit.until(new RegExp(inOrder.join(' ')));
  kit.type('');
  assert.equal(await kit.end(), 0);
});

test('keys of heirs and guardians are checked in the talk: addresses are told from keys, and blocks are told in time', {
  skip: noTerminal,
}, async () => {
  const keys = [1, 2].map((byte) => encodeKeyText('rrnt', publicKey(new Uint8Array(32).fill(byte))));
  const destination = { lockId: new Uint8Array(24).fill(1), policyId: new Uint8Array(24).fill(1) };
  const talk = new TerminalRun(['wallet', 'create', 'none', ...place]);
  await talk.until(/protects from[\s\S]*costs[\s\S]*limits[\s\S]*Strategy \(1, 2, 3\): /);
  talk.type('heartbeat');
  await talk.until(/Interval, blocks from 10 to 500 .*: /);
  talk.type('10');
  await talk.until(/Timeout, .*: /);
  talk.type('1');
  await talk.until(/Key text of the heir: /);
  talk.type(encodeAddress('rrnt', destination));
  await talk.until(/this is an address, from which no key can be read; ask for the key text/);
  talk.type(encodeBase58Address(regtest.base58Version, new Uint8Array(20)));
  await talk.until(/this is an address in Base58/);
  talk.type(keys[0]!.replace(/.$/, keys[0]!.endsWith('q') ? 'p' : 'q'));
  await talk.until(/Not a key: .*checksum/);
  talk.type(keys[0]!);
  await talk.until(/heartbeat\(10, 1, rrntk1[\s\S]*the heir can take the coins/);
  talk.type('no');
  await talk.until(/Strategy \(1, 2, 3\): /);
  talk.type('2');
  await talk.until(/Waiting time, .*: /);
  talk.type('');
  await talk.until(/guardian 1 /);
  talk.type(keys[0]!);
  await talk.until(/guardian 2 /);
  talk.type(keys[0]!);
  await talk.until(/This guardian is named already/);
  talk.type(keys[1]!);
  await talk.until(/guardian 3 /);
  talk.type('');
  await talk.until(/How many of the 2 must sign \[2\]: /);
  talk.type('');
  await talk.until(/2 of 2 guardians can move the coins[\s\S]*\(yes, no\): /);
  talk.type('\u0003');
  assert.equal(await talk.end(), 130);
});

test('Ctrl-C in the talk or over the words makes no wallet and ends with 130', { skip: noTerminal }, async () => {
  const talk = new TerminalRun(['wallet', 'create', 'none', ...place]);
  await talk.until(/Strategy \(1, 2, 3\): /);
  talk.type('\u0003');
  assert.equal(await talk.end(), 130);
  const words = new TerminalRun(['wallet', 'create', 'none', ...place, '--policy', 'emissionReturn(200)']);
  await words.until(/Press Enter when they are on paper: /);
  words.type('\u0003');
  await words.until(/Stopped; nothing was written/);
  assert.equal(await words.end(), 130);
  assert.equal(existsSync(join(dataDir, 'regtest/wallets/none')), false);
});
