// Milliseconds that coinselect (bitcoinjs) takes to choose among so many coins. Arguments: the folder that has it, the number of coins.

import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, count] = process.argv.slice(2);
const coinselect = createRequire(join(folder, 'package.json'))('coinselect');
const utxos = Array.from({ length: Number(count) }, (_, number) => ({
  txid: String(number),
  vout: 0,
  value: 100_000 + ((number * 7_919) % 900_000),
}));
const started = performance.now();
const { inputs } = coinselect(utxos, [{ address: 'somebody', value: 500_000_000 }], 10);
const ms = performance.now() - started;
if (inputs === undefined) throw new Error('the coins do not suffice');
console.log(`selection ${ms} ms, ${inputs.length} inputs`);
