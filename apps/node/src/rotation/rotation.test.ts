import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { publicKey, verify } from '@resonancenet/crypto/ed25519';
import { checkTransaction } from '@resonancenet/ledger/check-transaction';
import { RotationWorld, sampleSet } from '@resonancenet/ledger/rotation/testing/rotation-world';
import { LedgerChain, paying } from '@resonancenet/ledger/testing/ledger-chain';
import { dvalId } from '@resonancenet/params/dval';
import { requireGenesis } from '@resonancenet/params/genesis-constants';
import { regtest } from '@resonancenet/params/regtest';
import { keyDestination } from '@resonancenet/primitives/destination';
import { type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { dvalReport, listProposals } from './dval-report.ts';
import { fundAction, FundingError } from './fund-action.ts';
import { ownCoins } from './own-coins.ts';

const key = new Uint8Array(32).fill(21);
const own = keyDestination(publicKey(key), regtest.recovery);
const { bond } = regtest.rotation;
const set = sampleSet(4);

function fund(chain: LedgerChain, content: Parameters<typeof fundAction>[0]): Transaction {
  const { params, genesisId } = chain.context;
  const coins = ownCoins(chain.view, key, chain.height + 1, params);
  return fundAction(content, { params, genesisId, key, coins, change: own });
}

test('fundAction() makes a transaction that the ledger accepts, with good signatures, a fee and the rest back', () => {
  const chain = new LedgerChain();
  for (let i = 0; i < 4; i += 1) chain.fund(paying(own, 400_000_000_000n));
  const transaction = fund(chain, { kind: 'propose', proposal: set.proposal, refund: own });
  const checked = checkTransaction(transaction, chain.height + 1, chain.view, chain.context);
  assert.ok(checked.ok);
  assert.equal(transaction.inputs.length, 3);
  assert.equal(checked.bonds, bond);
  const size = encode(transactionCodec, transaction).length;
  assert.ok(checked.fee >= BigInt(2 * size * regtest.minRelayFee), `${checked.fee} for ${size} bytes`);
  assert.equal(checked.signatures.length, 3);
  for (const { signature, message, publicKey: by } of checked.signatures) assert.ok(verify(signature, message, by));
  chain.mine([transaction]);
  assert.equal(chain.totals.bonds, bond);
  // What is left pays for the reveal.
  assert.equal(fund(chain, { kind: 'reveal', salt: set.salt, shard: set.shard }).actions.length, 1);
});

test('fundAction() says what is missing, and takes no coin that is immature or another’s', () => {
  const chain = new LedgerChain();
  const missing = (): FundingError => {
    try {
      fund(chain, { kind: 'propose', proposal: set.proposal, refund: own });
    } catch (error) {
      assert.ok(error instanceof FundingError);
      return error;
    }
    return assert.fail('it was funded');
  };
  assert.deepEqual([missing().held, missing().needed], [0n, bond]);
  chain.fund(paying(keyDestination(publicKey(new Uint8Array(32).fill(22)), regtest.recovery), 3n));
  assert.equal(missing().held, 0n);
  chain.mine([], { pay: [paying(own, 5n)] });
  chain.advance(4);
  assert.equal(missing().held, 0n);
  chain.advance(1);
  assert.equal(missing().held, 5n);
  assert.ok(missing().needed > bond);
});

test('ownCoins() leaves alone what is about to return', () => {
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(own, 7n));
  const at = (height: number): number => ownCoins(chain.view, key, height, regtest).length;
  const deadline = coin!.height + regtest.recovery.builtInReturn;
  assert.deepEqual([at(deadline - 7), at(deadline - 6), at(deadline)], [1, 0, 0]);
});

test('dvalReport() and listProposals() tell a proposal’s way, and the gap of the loss at each change', () => {
  const world = new RotationWorld();
  const id = dvalId(set.shard);
  const { valLoss } = world.tip;
  world.setLoss(id, valLoss + 700);
  for (const reserve of requireGenesis(regtest).dvalIds) world.setLoss(fromHex(reserve), valLoss);
  const report = (): Record<string, unknown> => dvalReport(world.view, world.tip, regtest);
  assert.deepEqual([report()['source'], report()['since'], report()['lockedIn']], ['network', 0, null]);
  assert.deepEqual(listProposals(world.view, regtest), []);
  world.block({ propose: [set.proposal] });
  world.blocks(3, { vote: { kind: 'for', proposal: set.proposal } });
  const [open] = listProposals(world.view, regtest);
  assert.deepEqual(
    [open?.['status'], open?.['votesFor'], open?.['votesNeeded'], open?.['expires'], open?.['revealUntil']],
    ['open', 3, 12, 65, null],
  );
  world.blocks(9, { vote: { kind: 'for', proposal: set.proposal } });
  const locked = report()['lockedIn'] as Record<string, unknown>;
  assert.deepEqual(
    [locked['proposal'], locked['activation'], locked['revealUntil'], locked['dvalId']],
    [toHex(set.proposal), 45, 29, null],
  );
  world.block({ reveal: [set] });
  world.growTo(45);
  const after = report();
  assert.deepEqual([after['source'], after['since'], after['dvalId']], ['proposal', 45, toHex(id)]);
  assert.deepEqual(after['changes'], [
    {
      height: 45,
      by: 'proposal',
      from: requireGenesis(regtest).dvalIds[0],
      to: toHex(id),
      oldLoss: valLoss,
      newLoss: valLoss + 700,
      gap: 700,
    },
  ]);
  assert.equal(after['nextReserve'], requireGenesis(regtest).dvalIds[1]);
  assert.equal(listProposals(world.view, regtest)[0]?.['status'], 'active');
});
