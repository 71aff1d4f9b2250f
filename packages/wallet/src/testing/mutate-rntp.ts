// Mutations of a partially signed transaction: bytes that are changed, lost, doubled or swapped for those of another copy.

import { assert } from '@resonancenet/bytes/assert';
import { concatBytes, equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { seededNumbers } from '@resonancenet/bytes/testing/seeded-numbers';
import { feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import { type Output, txid } from '@resonancenet/primitives/transaction';
import { buildPayment } from '../build-payment.ts';
import { combineRntps } from '../combine-rntps.ts';
import { finaliseRntp } from '../finalise-rntp.ts';
import { plainPayment } from '../payment-wish.ts';
import { decodeRntp, encodeRntp, type Rntp } from '../rntp.ts';
import { signRequests } from '../sign-requests.ts';
import { signAll, signedBy } from './sign-rntp.ts';
import { accountKinds, WalletWorld } from './test-wallet.ts';

/** What became of them. */
export interface Mutations {
  readonly decoded: number;
  readonly finished: number;
  readonly refused: number;
}

/** Every one that can be read must be written as it was read; every one that can be finished must be the transaction that was signed. */
export function mutateRntps(count: number): Mutations {
  const { unsigned, signed, fingerprint } = samples();
  const wanted = toHex(txid(signAll(unsigned)));
  const [bytes, other] = [encodeRntp(signed), encodeRntp(unsigned)];
  const random = seededNumbers(0x1234_5678);
  let [decoded, finished, refused] = [0, 0, 0];
  for (let number = 0; number < count; number++) {
    const mutated = mutate(bytes, other, random);
    const result = decodeRntp(mutated);
    if (!result.ok) {
      assert(result.code === 'malformed', 'bytes are refused as malformed');
      refused++;
      continue;
    }
    decoded++;
    assert(equalBytes(encodeRntp(result.rntp), mutated), 'one encoding for each');
    signRequests(result.rntp, fingerprint);
    // Signatures take milliseconds: some of those that can be read are finished and combined.
    if (decoded % 8 !== 0) continue;
    combineRntps(unsigned, result.rntp);
    const done = finaliseRntp(result.rntp);
    if (!done.ok) continue;
    finished++;
    assert(toHex(txid(done.transaction)) === wanted, 'nobody has signed anything else');
  }
  return { decoded, finished, refused };
}

function samples(): { readonly unsigned: Rntp; readonly signed: Rntp; readonly fingerprint: Uint8Array } {
  const account = accountKinds.heartbeat('a');
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [20_000_000_000n, 30_000_000_000n]));
  const payment = { amount: 40_000_000_000n, ...accountKinds.social('b').destination('receive', 0)! } as Output;
  const rate = feeRatePerByte(20);
  const { wallet: view, params, genesisId } = world;
  const context = { view, params, genesisId, relayRate: rate, usualRate: rate, random: () => 0 };
  const built = buildPayment(account, plainPayment([payment], rate), context);
  assert(built.ok, 'the sample can be built');
  return { unsigned: built.rntp, signed: signedBy(built.rntp, account.fingerprint), fingerprint: account.fingerprint };
}

function mutate(bytes: Uint8Array, other: Uint8Array, random: (limit: number) => number): Uint8Array {
  const at = random(bytes.length);
  const length = 1 + random(40);
  switch (random(5)) {
    case 0:
      return bytes.with(at, random(256));
    case 1:
      return concatBytes(bytes.subarray(0, at), bytes.subarray(at + length));
    case 2:
      return concatBytes(bytes.subarray(0, at + length), bytes.subarray(at));
    case 3:
      return concatBytes(bytes.subarray(0, at), other.subarray(random(other.length)));
    default: {
      const copy = bytes.slice();
      for (let flips = random(4); flips >= 0; flips--) copy[random(copy.length)]! ^= 1 << random(8);
      return copy;
    }
  }
}
