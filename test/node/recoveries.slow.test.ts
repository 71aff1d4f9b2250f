// Each strategy end to end on real nodes, on machines of their own: the owner's folder is deleted, and the coins come back by the strategy, to one
// resonance. Each is tried one block too early and by the wrong party; refusals name the height at which it opens.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { noTerminal, TerminalRun } from '@resonancenet/cli/testing/terminal-run';
import { parseRnt, rnt } from '@resonancenet/node/rpc/amounts';
import { regtest } from '@resonancenet/params/regtest';
import { untilSameTip } from '../support/node-process.ts';
import { rntpIn, WalletMachine } from '../support/wallet-machine.ts';
import { waitFor } from '../support/wait.ts';

const { recovery, coinbaseMaturity } = regtest;

/** Long enough to be of no account. */
const PLAIN = 'emissionReturn(10000)';

/** Blocks between two payments. */
const LATER = 5;

interface Built {
  readonly rntp: string;
  readonly fee: string;
  readonly amount: string;
}

interface Status {
  readonly lastSign: number | null;
  readonly reminder: string;
  readonly trouble: string | null;
  readonly unlocked: boolean;
  readonly waiting: string | null;
  readonly deadlines: readonly { readonly height: number; readonly amount: string; readonly coins: number }[];
  readonly rights: readonly {
    readonly party: string;
    readonly deed: string;
    readonly from: number;
    readonly amount: string | null;
  }[];
  readonly announcement: { readonly opens: number; readonly destination: string; readonly bonded: boolean } | null;
}

function resonances(text: string): bigint {
  const value = parseRnt(text);
  assert.notEqual(value, null, text);
  return value!;
}

async function statusOf(machine: WalletMachine, wallet: string): Promise<Status> {
  const [status] = await machine.run<Status[]>(['recovery', 'status', '--wallet', wallet]);
  return status!;
}

/** Blocks by one machine, until all have them. */
async function mine(count: number, miner: WalletMachine, ...others: readonly WalletMachine[]): Promise<void> {
  await miner.node.mine(count);
  await untilSameTip([miner.node, ...others.map(({ node }) => node)]);
}

async function mineUntilNext(height: number, miner: WalletMachine, ...others: readonly WalletMachine[]): Promise<void> {
  const count = height - 1 - (await miner.node.rpc<number>('getblockcount'));
  assert.ok(count >= 0, `block ${height - 1} is past`);
  await mine(count, miner, ...others);
}

/** A machine with a payer whose coins are ripe, who mines from now on. */
async function withPayer(name: string): Promise<WalletMachine> {
  const machine = await WalletMachine.start(name);
  await machine.create('payer', PLAIN);
  await machine.run(['mine', '--wallet', 'payer']);
  await machine.node.mine(coinbaseMaturity + 3);
  await machine.unlock('payer');
  return machine;
}

async function pay(machine: WalletMachine, wallet: string, ...amounts: readonly string[]): Promise<void> {
  for (const amount of amounts) await machine.run(['send', await machine.address(wallet), amount, '--wallet', 'payer']);
}

/** The pool of a machine has heard of it. */
async function untilHeard(machine: WalletMachine, txid: string): Promise<void> {
  await waitFor(async () => (await machine.node.rpc<string[]>('getrawmempool')).includes(txid), {
    what: () => `transaction ${txid} reaches the miner`,
  });
}

test('heartbeat: the heir has all but the fee; not a block earlier, not after a sign of life, and nobody else', async (context) => {
  const home = await withPayer('owner');
  const away = await WalletMachine.start('heir', home);
  await away.create('heir', PLAIN);
  await away.create('stranger', PLAIN);
  const [key, strange] = [await away.keyText('heir', 'recovery'), await away.keyText('stranger', 'recovery')];
  const blocks = recovery.heartbeatIntervalMin + recovery.heartbeatTimeoutMin;
  await home.create('lost', `heartbeat(${recovery.heartbeatIntervalMin}, ${recovery.heartbeatTimeoutMin}, ${key})`);
  await away.run(['recovery', 'watch', 'watched', await home.keyWindows('lost')]);
  await pay(home, 'lost', '10', '2.5');
  await mine(1, home, away);
  const paidAt = await home.node.rpc<number>('getblockcount');
  const opens = paidAt + blocks;
  const claim = ['recovery', 'claim', '--wallet', 'watched', '--to', await away.address('heir')];

  await mineUntilNext(opens - 1, home, away);
  const early = await away.fails(claim);
  assert.match(early.said, new RegExp(`too early: opens at height ${opens}, the next block is ${opens - 1}`));
  const right = (await statusOf(away, 'watched')).rights.find(({ party }) => party === 'heir');
  assert.deepEqual([right?.deed, right?.from, right?.amount], ['claim', opens, '12.5']);
  const wrongKey = [...claim, '--signer', `${strange}@01234567`];
  assert.match((await away.fails(wrongKey)).said, new RegExp(`another heir.* opens at height ${opens}`));

  // It opens; the heir signs, but the owner lives.
  await mine(1, home, away);
  const first = await away.run<Built>(claim);
  await away.unlock('stranger');
  const handed = away.file('handed.rntp');
  writeFileSync(handed, first.rntp);
  const bySomebody = await away.fails(['rntp', 'sign', handed, '--wallet', 'stranger', '--yes']);
  assert.match(bySomebody.said, /asks for no signature of this wallet/);
  await away.unlock('heir');
  await context.test('at a terminal only a typed yes signs', { skip: noTerminal }, async () => {
    for (const [typed, code] of [
      ['no', 130],
      ['yes', 0],
    ] as const) {
      const terminal = new TerminalRun(['wallet', 'rntp', 'sign', handed, '--wallet', 'heir', ...away.place]);
      await terminal.until(/RECOVERY BY THE HEIR: takes 2 coins, 12.5 RNT, of account 0 of wallet 'watched'/);
      await terminal.until(/Shall wallet 'heir' sign this\? Type yes: /);
      terminal.type(typed);
      assert.equal(await terminal.end(), code, terminal.shown);
      assert.equal(terminal.shown.includes('Nothing was signed.'), code === 130);
    }
  });
  const signed = await away.signed(first.rntp, 'heir');
  await home.unlock('lost');
  await home.run(['recovery', 'heartbeat', '--wallet', 'lost']);
  await mine(1, home, away);
  const lived = await home.node.rpc<number>('getblockcount');
  const shut = await away.fails(['rntp', 'send', signed]);
  assert.match(shut.said, /tx-idle|spent|missing/);
  const later = lived + blocks;
  assert.match((await away.fails(claim)).said, new RegExp(`opens at height ${later}, the next block is ${lived + 1}`));

  const lost = resonances(await home.total('lost'));
  await home.lose('lost');
  await mineUntilNext(later - 1, home, away);
  assert.match((await away.fails(claim)).said, new RegExp(`opens at height ${later}, the next block is ${later - 1}`));
  await mine(1, home, away);
  const built = await away.run<Built>(claim);
  await untilHeard(home, await away.send(await away.signed(built.rntp, 'heir')));
  await mine(1, home, away);
  assert.equal(await away.total('heir'), rnt(lost - resonances(built.fee)));
  assert.equal(await away.total('watched'), '0');
});

test('social: two of three guardians on machines of their own; the owner stops them first, then is lost', async () => {
  const home = await withPayer('owner');
  const annas = await WalletMachine.start('anna', home);
  const boriss = await WalletMachine.start('boris', home);
  const all = [home, annas, boriss] as const;
  await annas.create('anna', PLAIN);
  await boriss.create('boris', PLAIN);
  await boriss.create('clara', PLAIN);
  const keys = [await annas.keyText('anna', 'guardian')];
  for (const name of ['boris', 'clara']) keys.push(await boriss.keyText(name, 'guardian'));
  const wait = recovery.socialWaitMin;
  await home.create('lost', `social(${wait}, 2, ${keys.join(', ')})`);
  const windows = await home.keyWindows('lost');
  for (const machine of [annas, boriss]) await machine.run(['recovery', 'watch', 'watched', windows]);
  await pay(home, 'lost', '10', '2.5');
  // Who announces pays the fee, and from the second time on the bond.
  await home.run(['send', await annas.address('anna'), '5', '--wallet', 'payer']);
  await mine(1, ...all);
  await annas.create('again', PLAIN);
  const destination = await annas.address('again');
  const claim = ['recovery', 'claim', '--wallet', 'watched'];
  assert.match((await annas.fails(claim)).said, /no announcement stands/);
  await annas.unlock('anna');
  await boriss.unlock('boris');
  /** Anna announces, Boris signs his copy on his machine. */
  const announce = async (): Promise<number> => {
    const asked = ['recovery', 'announce', destination, '--wallet', 'watched', '--payer', 'anna'];
    const { rntp } = await annas.run<Built>(asked);
    const byAnna = await annas.signed(rntp, 'anna');
    const alone = await annas.fails(['rntp', 'send', byAnna]);
    assert.match(alone.said, /still needs signatures \(1 for action 0\)/);
    const review = await reviewed(boriss, rntpIn(byAnna), 'boris');
    assert.match(review, /GUARDIANS ANNOUNCE A RECOVERY of account 0 of wallet 'watched'/);
    assert.ok(review.includes(`take all coins to ${destination}`) && review.includes(`signed  ${keys[0]}`), review);
    await untilHeard(home, await boriss.send(await boriss.signed(rntpIn(byAnna), 'boris')));
    await mine(1, ...all);
    return (await home.node.rpc<number>('getblockcount')) + wait;
  };

  const first = await announce();
  const told = await statusOf(home, 'lost');
  assert.deepEqual([told.announcement?.opens, told.announcement?.destination], [first, destination]);
  await home.node.untilLogged('the announcement', ({ line }) => line?.includes('rnt wallet recovery cancel') === true);
  await home.unlock('lost');
  await home.run(['recovery', 'cancel', '--wallet', 'lost']);
  await mine(1, ...all);
  assert.equal((await statusOf(annas, 'watched')).announcement, null);
  assert.match((await annas.fails(claim)).said, /no announcement stands/);

  const opens = await announce();
  const { announcement } = await statusOf(boriss, 'watched');
  assert.deepEqual([announcement?.opens, announcement?.bonded], [opens, true]);
  const lost = resonances(await home.total('lost'));
  await home.lose('lost');
  await mineUntilNext(opens - 1, ...all);
  const early = await boriss.fails(claim);
  assert.match(early.said, new RegExp(`too early: opens at height ${opens}, the next block is ${opens - 1}`));
  await mine(1, ...all);
  const built = await boriss.run<Built>(claim);
  const byBoris = await boriss.signed(built.rntp, 'boris');
  assert.match(
    (await boriss.fails(['rntp', 'send', byBoris])).said,
    /still needs signatures \(1 for input 0, 1 for input 1\)/,
  );
  await annas.unlock('again');
  const strange = await annas.fails(['rntp', 'sign', byBoris, '--wallet', 'again', '--yes']);
  assert.match(strange.said, /asks for no signature of this wallet/);
  await untilHeard(home, await annas.send(byBoris, await annas.signed(built.rntp, 'anna')));
  await mine(1, ...all);
  // The bond of the announcement that was carried out comes with it.
  const bond = resonances('1');
  assert.equal(await annas.total('again'), rnt(lost + bond - resonances(built.fee)));
  assert.equal(await annas.total('watched'), '0');
});

/** What a person sees before signing; it ends because nobody is there to say yes. */
async function reviewed(machine: WalletMachine, rntp: string, wallet: string): Promise<string> {
  const path = machine.file('to-review.rntp');
  writeFileSync(path, rntp);
  const { code, said } = await machine.fails(['rntp', 'sign', path, '--wallet', wallet]);
  assert.equal(code, 2);
  return said;
}

test('emission return: at the height that was told the coins are gone, to one resonance; the words bring back the rest', async () => {
  const words = `${'abandon '.repeat(23)}art`;
  const home = await withPayer('owner');
  const away = await WalletMachine.start('again', home);
  const policy = `emissionReturn(${recovery.emissionReturnMin})`;
  const making = ['--words', '--policy', policy, '--unencrypted', '--secrets-fd', '0'];
  await home.run(['restore', 'lost', ...making], words);
  await away.run(['recovery', 'watch', 'watched', await home.keyWindows('lost')]);
  await pay(home, 'lost', '10');
  await mine(LATER, home, away);
  await pay(home, 'lost', '2.5');
  await mine(1, home, away);
  const [first, second] = (await statusOf(home, 'lost')).deadlines;
  const paidAt = (await home.node.rpc<number>('getblockcount')) - LATER;
  assert.deepEqual([first?.height, first?.amount], [paidAt + recovery.emissionReturnMin, '10']);
  assert.deepEqual([second?.height, second?.amount], [first!.height + LATER, '2.5']);
  await home.lose('lost');

  const returned = async (): Promise<bigint> =>
    resonances((await home.node.rpc<{ returned: { value: string } }>('getsupply')).returned.value);
  await mineUntilNext(first!.height, home, away);
  const { said } = await away.fails(['recovery', 'claim', '--wallet', 'watched', '--to', await home.address('payer')]);
  assert.match(said, new RegExp(`nobody but the owner .* return to the emission at height ${first!.height}`));
  assert.equal(await away.total('watched'), '12.5');
  const before = await returned();

  // The words come back in the block before the deadline: for the first payment too late, for the second in time.
  await away.run(['restore', 'found', ...making], words);
  await away.unlock('found');
  await mine(1, home, away);
  assert.equal((await returned()) - before, resonances('10'));
  assert.deepEqual([await away.total('watched'), await away.total('found')], ['2.5', '2.5']);
  // It is due, the wallet is unlocked: the sign of life goes out by itself.
  const { waiting } = await waitFor(
    async () => {
      const status = await statusOf(away, 'found');
      return status.waiting === null ? null : status;
    },
    { what: () => 'the wallet gives a sign of life by itself' },
  );
  await untilHeard(home, waiting!);
  await mine(1, home, away);
  const [entry] = await away.ask<{ txid: string; fee: string }[]>('found', 'listtransactions', [1]);
  assert.equal(entry!.txid, waiting);
  const [saved, ...more] = (await statusOf(away, 'found')).deadlines;
  const tip = await home.node.rpc<number>('getblockcount');
  const rest = rnt(resonances('2.5') - resonances(entry!.fee));
  assert.deepEqual([saved?.height, saved?.amount, more.length], [tip + recovery.emissionReturnMin, rest, 0]);
  const after = await returned();
  await mineUntilNext(second!.height + 2, home, away);
  assert.equal(await returned(), after, 'nothing more returns');
  assert.equal(await away.total('found'), rest);
});
