// bcoin connecting a block of two-input transactions by keys never seen before. Arguments: folder whose node_modules has bcoin, transactions. Prints
// `connect N tx/s`. Its native parts (secp256k1, LevelDB) come from install scripts, which npm does not run any more: this is bcoin in JavaScript
// (NODE_BACKEND=js), with a small set of outputs in memory.

import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [folder = '.', count = '400'] = process.argv.slice(2);
const require = createRequire(join(resolve(folder), 'package.json'));
// The disk's database is a native module, which an install without scripts does not build; a node in memory does not use it.
const level = createRequire(require.resolve('bcoin')).resolve('bdb/lib/level.js');
require.cache[level] = { id: level, filename: level, loaded: true, exports: class {} };
const bcoin = require('bcoin');
const { FullNode, KeyRing, MTX, Coin } = bcoin;

const transactions = Number(count);
const node = new FullNode({ network: 'regtest', memory: true, workers: false });
const { chain, miner } = node;
await node.open();
const funder = KeyRing.generate('regtest');
miner.addresses = [funder.getAddress()];

async function mine(spends = []) {
  const job = await miner.createJob();
  for (const mtx of spends) job.pushTX(mtx.toTX(), mtx.view);
  job.refresh();
  return job.mineAsync();
}

const coinbases = [];
for (let height = 1; height <= 110; height += 1) {
  const block = await mine();
  if (!(await chain.add(block))) throw new Error('bcoin refuses its own block');
  coinbases.push(block.txs[0]);
}
// One transaction pays to as many fresh keys as are spent.
const rings = Array.from({ length: 2 * transactions }, () => KeyRing.generate('regtest'));
const fan = new MTX();
fan.addCoin(Coin.fromTX(coinbases[0], 0, 1));
for (const ring of rings) fan.addOutput(ring.getAddress(), 100000);
fan.sign(funder);
const fanBlock = await mine([fan]);
if (!(await chain.add(fanBlock))) throw new Error('bcoin refuses the block that pays out');
const fanTx = fan.toTX();
const spends = [];
for (let at = 0; at < transactions; at += 1) {
  const mtx = new MTX();
  for (const place of [2 * at, 2 * at + 1]) mtx.addCoin(Coin.fromTX(fanTx, place, chain.height));
  for (let output = 0; output < 2; output += 1) mtx.addOutput(KeyRing.generate('regtest').getAddress(), 95000);
  mtx.sign([rings[2 * at], rings[2 * at + 1]]);
  spends.push(mtx);
}
const block = await mine(spends);
const start = performance.now();
if (!(await chain.add(block))) throw new Error('bcoin refuses the block that spends');
const seconds = (performance.now() - start) / 1000;
if (chain.tip.rhash() !== block.rhash()) throw new Error('the block is not the tip');
console.log(`connect ${(transactions / seconds).toFixed(1)} tx/s`);
await node.close();
