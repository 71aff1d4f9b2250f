import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { fromHex } from '@resonancenet/bytes/hex';
import { WalletKeys } from '@resonancenet/keys/account-keys';
import type { AccountPolicy } from '@resonancenet/keys/account-policy';
import { keyPath } from '@resonancenet/keys/derivation-path';
import { type KeyWindow, keyWindowCodec } from '@resonancenet/keys/key-window';
import { feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import type { Output } from '@resonancenet/primitives/transaction';
import { buildPayment } from '@resonancenet/wallet/build-payment';
import { finaliseRntp } from '@resonancenet/wallet/finalise-rntp';
import { checkMessage } from '@resonancenet/wallet/message';
import { plainPayment } from '@resonancenet/wallet/payment-wish';
import { claimAsHeir } from '@resonancenet/wallet/recovery/claim-as-heir';
import { decodeRntp, encodeRntp, type KeyOrigin, type Rntp } from '@resonancenet/wallet/rntp';
import { accountKinds, heartbeatPolicy, returnPolicy, WalletWorld } from '@resonancenet/wallet/testing/test-wallet';
import { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { newContent } from '../jobs/make-wallet.ts';
import { OpenedWallet, SEARCHED_KEYS } from './opened-wallet.ts';
import type { SignerAnswer } from './signer-protocol.ts';

const RNT = 10_000_000_000n;
const RATE = feeRatePerByte(20);

interface Scene {
  readonly wallet: OpenedWallet;
  readonly account: WalletAccount;
  readonly world: WalletWorld;
  readonly rntp: Rntp;
}

function windowOf(wallet: OpenedWallet, branch: 'receive' | 'change', first = 0, count = 30): KeyWindow {
  const answer = wallet.window({ account: 0, branch, first, count });
  assert.equal(answer.kind, 'window');
  const decoded = decode(keyWindowCodec, (answer as Extract<SignerAnswer, { kind: 'window' }>).window);
  assert.ok(decoded.ok);
  return decoded.value;
}

/** A wallet that the chain has paid, and a payment of it. */
function scene(policy: AccountPolicy = heartbeatPolicy, seed = '5a'.repeat(32)): Scene {
  const probe = new WalletWorld();
  const content = newContent({ kind: 'seed', seed: fromHex(seed) }, probe.params, 0, [{ number: 0, policy, name: '' }]);
  const wallet = new OpenedWallet(content, probe.params, probe.genesisId);
  const [receive, change] = [windowOf(wallet, 'receive'), windowOf(wallet, 'change')];
  const account = WalletAccount.ofWindow({ ...receive, change: change.change });
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [3n * RNT]));
  const stranger = accountKinds.social('stranger', 9);
  const payment = { amount: RNT, ...stranger.destination('receive', 0)! } as Output;
  const built = buildPayment(account, plainPayment([payment], RATE), {
    view: world.wallet,
    params: world.params,
    genesisId: world.genesisId,
    relayRate: RATE,
    usualRate: RATE,
    random: () => 0,
  });
  assert.ok(built.ok);
  return { wallet, account, world, rntp: built.rntp };
}

function signed(wallet: OpenedWallet, rntp: Rntp): Rntp {
  const answer = wallet.sign(encodeRntp(rntp));
  assert.equal(answer.kind, 'signed', JSON.stringify(answer));
  const decoded = decodeRntp((answer as Extract<SignerAnswer, { kind: 'signed' }>).rntp);
  assert.ok(decoded.ok);
  return decoded.rntp;
}

function refusal(answer: SignerAnswer): string {
  assert.equal(answer.kind, 'refused');
  return (answer as Extract<SignerAnswer, { kind: 'refused' }>).detail;
}

test('what an unlocked wallet signs the ledger takes, its sign of life included', () => {
  for (const policy of [heartbeatPolicy, returnPolicy]) {
    const { wallet, world, rntp } = scene(policy);
    const final = finaliseRntp(signed(wallet, rntp));
    assert.ok(final.ok);
    assert.equal(world.judge(final.transaction), 'valid');
  }
});

test('another wallet signs nothing of it, and a wallet nothing twice', () => {
  const { wallet, rntp } = scene();
  assert.match(refusal(scene(heartbeatPolicy, '5b'.repeat(32)).wallet.sign(encodeRntp(rntp))), /asks for no signature/);
  assert.match(refusal(wallet.sign(encodeRntp(signed(wallet, rntp)))), /has them all/);
});

test('a path that leads to another key than the one named is refused', () => {
  const { wallet, rntp } = scene();
  for (const change of [
    (path: readonly number[]) => [...path.slice(0, 4), path[4]! + 1],
    (path: readonly number[]) => [...path.slice(0, 2), 1, ...path.slice(3)],
    (path: readonly number[]) => path.slice(0, 4),
    (path: readonly number[]) => [...path, 0],
    (path: readonly number[]) => [45, ...path.slice(1)],
  ]) {
    const origins = rntp.origins.map((origin) => ({ ...origin, path: change(origin.path) }));
    assert.match(refusal(wallet.sign(encodeRntp({ ...rntp, origins }))), /is not the wallet's at/);
  }
});

test('WAL-57: an heir\u2019s wallet finds its key among its first hundred, and the ledger takes what it signs', () => {
  const seed = fromHex('6c'.repeat(32));
  const heir = scene(returnPolicy, '6c'.repeat(32)).wallet;
  const { params } = new WalletWorld();
  const keys = new WalletKeys(seed, params.coinType).account(0);
  const target = accountKinds.emissionReturn('new owner', 5).destination('receive', 0)!;
  for (const index of [0, SEARCHED_KEYS - 1, SEARCHED_KEYS]) {
    const recoveryKey = keys.publicKey('recovery', index);
    const { account, world } = scene({ type: 'heartbeat', interval: 10, timeout: 1, recoveryKey });
    world.advance(12);
    const context = { view: world.wallet, params: world.params, genesisId: world.genesisId, rate: RATE };
    const record = { lastSign: 0, announcedBefore: false, announcement: null };
    const claim = (origins: readonly KeyOrigin[]): Rntp => {
      const built = claimAsHeir(account, recoveryKey, origins, target, { ...context, record });
      assert.ok(
        built.ok,
        JSON.stringify(built, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
      );
      return built.rntp;
    };
    const path = keyPath(params.coinType, 0, 'recovery', index);
    const isFound = index < SEARCHED_KEYS;
    if (!isFound) assert.match(refusal(heir.sign(encodeRntp(claim([])))), /asks for no signature/);
    const origins = isFound ? [] : [{ publicKey: recoveryKey, fingerprint: heir.fingerprint, path }];
    const final = finaliseRntp(signed(heir, claim(origins)));
    assert.ok(final.ok);
    assert.equal(world.judge(final.transaction), 'valid');
  }
});

test('a transaction of another network is refused', () => {
  const { wallet, rntp } = scene();
  const genesisId = new Uint8Array(32).fill(1);
  assert.match(refusal(wallet.sign(encodeRntp({ ...rntp, genesisId }))), /another network/);
});

test('bytes that are no transaction, and every truncation of one, are refused', () => {
  const { wallet, rntp } = scene(returnPolicy);
  const bytes = encodeRntp(rntp);
  for (let length = 0; length < bytes.length; length += 7) refusal(wallet.sign(bytes.subarray(0, length)));
});

test('a text is signed by the key of an address, and only for that address', () => {
  const { wallet, account, world } = scene();
  const answer = wallet.signMessage({ account: 0, branch: 'receive', index: 4, message: 'it is me' });
  assert.equal(answer.kind, 'message');
  const { proof } = answer as Extract<SignerAnswer, { kind: 'message' }>;
  const at = (index: number): boolean =>
    checkMessage(world.genesisId, account.destination('receive', index)!, 'it is me', proof).ok;
  assert.equal(at(4), true);
  assert.equal(at(5), false);
  assert.match(
    refusal(wallet.signMessage({ account: 0, branch: 'receive', index: 0, message: 'x'.repeat(65_537) })),
    /at most 65536/,
  );
});

test('keys go on where they ended, up to the last index', () => {
  const { wallet, account } = scene();
  const more = windowOf(wallet, 'receive', 20, 20);
  assert.deepEqual(more.receive.publicKeys[9], account.keyAt('receive', 29));
  refusal(wallet.window({ account: 1, branch: 'receive', first: 0, count: 1 }));
  assert.equal(windowOf(wallet, 'change', 2 ** 31 - 1, 1).change.first, 2 ** 31 - 1);
  refusal(wallet.window({ account: 0, branch: 'change', first: 2 ** 31 - 1, count: 2 }));
});
