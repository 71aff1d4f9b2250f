import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { watchedPolicy, watchedPolicyCodec } from '@resonancenet/keys/key-window';
import { walletRecordCodec } from '@resonancenet/keys/wallet-record';
import type { JobTalk } from '../job-talk.ts';
import { runJob } from '../run-job.ts';
import type { FoundAccounts, JobAnswer, RestoreSearchJob } from '../signer-job.ts';
import { GivenSecrets, networkFolder, restoreJob, resultOf, ZERO_WORDS } from '../testing/signer-run.ts';

interface Candidate {
  readonly account: number;
  readonly livenessKey: string;
  readonly receive: string;
}

type Search = (candidates: readonly Candidate[]) => Partial<FoundAccounts>;

function searchJob(folder: string): RestoreSearchJob {
  const { policy: _, number: __, ...job } = restoreJob(folder);
  return { ...job, kind: 'restore-search', accounts: 3 };
}

async function restored(folder: string, input: GivenSecrets, search: Search): Promise<JobAnswer> {
  let told: readonly Candidate[] = [];
  const talk: JobTalk = {
    tell: ({ candidates }) => {
      told = candidates as readonly Candidate[];
    },
    hear: async () => JSON.stringify({ accounts: [], needsPolicy: [], unseen: [], from: 0, to: 9, ...search(told) }),
  };
  return runJob(searchJob(folder), input, talk);
}

/** An account that the chain shows under emission return. */
function shown({ account: number, livenessKey }: Candidate): FoundAccounts['accounts'][number] {
  const terms = { type: 'emissionReturn', blocks: 300, livenessKey: fromHex(livenessKey) } as const;
  return { number, policy: toHex(encode(watchedPolicyCodec, watchedPolicy(terms, null))) };
}

test('WAL-80: the keys go out, the policies that the chain shows come back, and the wallet is made', async () => {
  const folder = networkFolder();
  const answer = await restored(folder, new GivenSecrets([ZERO_WORDS, 'p']), (candidates) => {
    assert.deepEqual(
      candidates.map(({ account, receive }) => [account, receive.length]),
      [0, 1, 2].map((number) => [number, 100 * 64]),
    );
    return { accounts: [shown(candidates[1]!)], unseen: [0], needsPolicy: [2] };
  });
  assert.ok(answer.ok, JSON.stringify(answer));
  assert.deepEqual([answer.result['unseen'], answer.result['needsPolicy']], [[0], [2]]);
  const found = decode(walletRecordCodec, new Uint8Array(readFileSync(join(folder, 'wallets/main/public'))));
  assert.ok(found.ok);
  const [account] = found.value.accounts;
  assert.deepEqual([account!.number, account!.receive.length], [1, 1_000]);
  const whole = await resultOf(restoreJob(folder, { name: 'whole' }), ZERO_WORDS, 'p');
  assert.equal(whole['fingerprint'], answer.result['fingerprint']);
});

test('without a find the policy is asked for: a program is told why, a person types it', async () => {
  const folder = networkFolder();
  const refused = await restored(folder, new GivenSecrets([ZERO_WORDS, 'p']), () => ({}));
  assert.ok(!refused.ok);
  assert.equal(refused.code, 'nothing-found');
  assert.match(refused.message, /Blocks 0 to 9 show nothing.*only ever paid.*--policy/);
  assert.equal(existsSync(join(folder, 'wallets')), false);
  const person = new GivenSecrets(
    [ZERO_WORDS, 'maybe', 'yes', 'p', 'p', 'emissionReturn(199)', 'emissionReturn(200)'],
    true,
  );
  const answer = await restored(folder, person, () => ({}));
  assert.ok(answer.ok, JSON.stringify(answer));
  assert.match(person.said.join('\n'), /Type yes or no/);
  assert.match(person.said.join('\n'), /show nothing of these words/);
});

test('a policy of other words, and a fingerprint that is not the one on the paper, make no wallet', async () => {
  const folder = networkFolder();
  const other = await restored(folder, new GivenSecrets([ZERO_WORDS, 'p']), ([first]) => ({
    accounts: [shown({ ...first!, livenessKey: 'ab'.repeat(32) })],
  }));
  assert.equal(other.ok ? '' : other.code, 'other-wallet');
  const no = await restored(folder, new GivenSecrets([ZERO_WORDS, 'no'], true), () => ({}));
  assert.equal(no.ok ? '' : no.code, 'other-wallet');
  const wrong = { ...searchJob(folder), fingerprint: '00000000' };
  const silent: JobTalk = { tell: () => undefined, hear: () => Promise.resolve('') };
  const refused = await runJob(wrong, new GivenSecrets([ZERO_WORDS, 'p']), silent);
  assert.match(refused.ok ? '' : refused.message, /The fingerprint is [0-9a-f]{8}, not 00000000/);
  assert.equal(existsSync(join(folder, 'wallets')), false);
});
