// Money by commands alone, on a real node with two wallets: every way to pay, and sums that are exact to one resonance.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { encodeBase58Address } from '@resonancenet/primitives/address';
import { NodeProcess } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { runWallet, walletResult } from '../support/wallet-run.ts';

const DIGITS = 10;

/** Resonances of a text of RNT. */
function resonances(text: string): bigint {
  const [whole, part = ''] = text.replace('-', '').split('.');
  const amount = BigInt(whole!) * 10n ** BigInt(DIGITS) + BigInt(part.padEnd(DIGITS, '0'));
  return text.startsWith('-') ? -amount : amount;
}

interface Sent {
  readonly txid: string;
  readonly fee: string;
}

interface Coin {
  readonly txid: string;
  readonly vout: number;
  readonly status: string;
}

type Balance = Readonly<Record<string, string>>;

test('pay, pay many, all, chosen coins, kept coins, higher fees, cancelled payments, signed texts', async () => {
  const node = await NodeProcess.start({ dataDir: tempFolder('money') });
  const open = ['--policy', 'emissionReturn(1000)', '--unencrypted', '--kdf-passes', '1', '--secrets-fd', '0'];
  for (const name of ['alice', 'bob']) await walletResult(node, ['create', name, ...open]);
  const alice = <T>(...args: string[]): Promise<T> => walletResult<T>(node, [...args, '--wallet', 'alice']);
  const bob = <T>(...args: string[]): Promise<T> => walletResult<T>(node, [...args, '--wallet', 'bob']);
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await runWallet(node, [...args, '--wallet', 'alice']);
    assert.notEqual(code, 0);
    return stderr;
  };
  await alice('mine');
  await node.mine(regtest.coinbaseMaturity + 2);
  // What others find from here on pays bob, so that alice's sums change by what she does.
  await bob('mine');
  const [to, own] = [await bob<string>('address', 'from alice'), await alice<string>('address')];
  const before = await alice<Balance>('balance');
  assert.ok(resonances(before['confirmed']!) > 0n && resonances(before['immature']!) > 0n);
  await walletResult(node, ['unlock', 'alice', '--until-locked', '--secrets-fd', '0']);
  try {
    await alice('contact', 'add', 'Bob', to);
    let paid = 0n;
    const spent = async (amount: string, fee: string): Promise<void> => {
      paid += resonances(amount) + resonances(fee);
      await node.mine(1);
      const now = await alice<Balance>('balance');
      assert.equal(resonances(now['total']!), resonances(before['total']!) - paid);
      assert.deepEqual([now['pending'], now['spending']], ['0', '0']);
    };

    const first = await alice<Sent>('send', '@Bob', '1.25', '--target', '2');
    const waits = await alice<Balance>('balance');
    assert.ok(resonances(waits['pending']!) > 0n && resonances(waits['spending']!) > 0n);
    assert.equal((await bob<Balance>('balance'))['incoming'], '1.25');
    await spent('1.25', first.fee);

    const many = await alice<Sent>('send-many', '@Bob=1', `${to}=2`, `${own}=0.5`, '--fee-rate', '0.00001');
    const rate = await alice<{ decoded: { size: number } }>('transaction', many.txid);
    assert.equal(resonances(many.fee), (BigInt(rate.decoded.size) * resonances('0.00001') + 999n) / 1000n);
    await spent('3', many.fee);

    const coins = await alice<Coin[]>('coins');
    const [kept, chosen] = coins.filter(({ status }) => status === 'spendable').map((one) => `${one.txid}:${one.vout}`);
    await alice('keep', kept!);
    assert.match(await refused('keep', `${'ab'.repeat(32)}:0`), /no coin of the wallet/);
    assert.match(await refused('send', to, '1', '--coin', `${'ab'.repeat(32)}:0`), /coin-unknown/);
    const control = await alice<Sent>('send', to, '0.1', '--coin', chosen!);
    const { decoded } = await alice<{ decoded: { vin: Coin[] } }>('transaction', control.txid);
    assert.deepEqual(
      decoded.vin.map(({ txid, vout }) => `${txid}:${vout}`),
      [chosen],
    );
    await spent('0.1', control.fee);
    assert.ok(resonances((await alice<Balance>('balance'))['locked']!) > 0n);
    await alice('release', kept!);

    const low = await alice<Sent>('send', to, '1', '--fee-rate', '0.00001');
    const higher = await alice<Sent>('bump', low.txid, '--fee-rate', '0.00005');
    assert.ok(resonances(higher.fee) > resonances(low.fee));
    await spent('1', higher.fee);
    assert.match(await refused('bump', higher.txid), /not-pending/);

    const regretted = await alice<Sent>('send', to, '5');
    const cancelled = await alice<Sent>('cancel', regretted.txid);
    await spent('0', cancelled.fee);

    assert.match(await refused('send', to, '1000000'), /insufficient-funds/);
    assert.match(await refused('send', to, '1', '--fee-rate', '100'), /fee-too-high/);
    const base58 = encodeBase58Address(regtest.base58Version, new Uint8Array(20).fill(7));
    const old = await alice<Sent>('send', base58, '0.3');
    await spent('0.3', old.fee);
    const proof = await alice<string>('sign-message', own, 'this is me');
    assert.equal(await alice('verify-message', own, proof, 'this is me'), true);
    assert.match(await refused('verify-message', own, proof, 'this is not me'), /^$/);

    const all = await alice<Sent>('send-all', to);
    await node.mine(1);
    const rest = await alice<Balance>('balance');
    assert.deepEqual([rest['confirmed'], rest['pending']], ['0', '0']);
    const history = await alice<{ txid: string; amount: string }[]>('history', '--count', '100');
    const sum = history.reduce((total, { amount }) => total + resonances(amount), 0n);
    assert.equal(sum, resonances(rest['total']!), 'the history tells all');
    assert.equal(history[0]!.txid, all.txid);
  } finally {
    await walletResult(node, ['lock', 'alice']);
  }
});
