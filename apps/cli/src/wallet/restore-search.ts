// A restore from words alone: the signer gives public keys, the node looks through the chain, what it finds goes to the signer.

import { setTimeout } from 'node:timers/promises';
import type { FoundAccounts, RestoreSearchJob } from '@resonancenet/signer/signer-job';
import { talkWithSigner } from '@resonancenet/signer/start-signer';
import { UsageError } from '../errors.ts';
import { callRpc, NoNodeError, RpcFailure } from '../rpc-client.ts';
import type { ChainNow } from './block-time.ts';
import { orInterrupted, type WalletPlace } from './wallet-place.ts';

const LOOK_EVERY_MS = 500;

interface SearchState {
  readonly phase: 'first' | 'second' | 'numbers' | 'done';
  readonly height: number;
  readonly tipHeight: number;
  readonly secondsLeft: number | null;
  readonly blocked: string | null;
  readonly accounts: readonly { readonly account: number; readonly kind: string; readonly policy?: string }[];
}

/** What the signer tells of the wallet that it has made. @throws SignerFailure, NoNodeError, RpcFailure */
export async function restoreBySearch(
  { node }: WalletPlace,
  now: ChainNow,
  job: Omit<RestoreSearchJob, 'secretsFd'>,
  secretsFd: number | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  if (now.height === null)
    throw new UsageError(
      'Without the policy the chain is looked through, and no node answers: start it (rnt start), or give --policy, the line of the recovery kit.',
    );
  const ask = async (method: string, params: unknown): Promise<unknown> => callRpc(node.target, method, params);
  const signer = await orInterrupted(talkWithSigner({ job, secretsFd: secretsFd ?? null }));
  try {
    const { fingerprint, candidates } = signer.first;
    const wanted = { fingerprint, candidates, birthheight: job.birthHeight };
    const { search } = (await ask('searchaccounts', wanted)) as { readonly search: string };
    const state = await followSearch(async () => (await ask('getaccountsearch', { search })) as SearchState);
    const { inSync } = (await ask('getblockchaininfo', [])) as { readonly inSync: boolean };
    if (!inSync)
      console.error('rnt: the node does not know its peers\u2019 newest blocks: what they show is not found.');
    const made = await orInterrupted(signer.finish(foundOf(state, job.birthHeight)));
    await forgotten(ask('stopaccountsearch', { search }));
    return { ...made, inSync };
  } finally {
    signer.giveUp();
  }
}

/** The wallet is made: a node that has gone meanwhile is no trouble, and forgets the search by its end. */
async function forgotten(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof NoNodeError || error instanceof RpcFailure)) throw error;
  }
}

/** Tells how far the search is until it is done. Stopped, it goes on in the node. */
async function followSearch(look: () => Promise<SearchState>): Promise<SearchState> {
  for (let shown = ''; ; ) {
    const state = await look();
    if (state.blocked !== null)
      throw new UsageError(
        `The node cannot look further: ${state.blocked}. Give --policy, the line of the recovery kit.`,
      );
    const line = lineOf(state);
    if (state.phase === 'done') {
      console.error(line);
      return state;
    }
    if (line !== shown) console.error(line);
    shown = line;
    await setTimeout(LOOK_EVERY_MS);
  }
}

function lineOf({ phase, height, tipHeight, secondsLeft, accounts }: SearchState): string {
  const found = accounts.filter(({ kind }) => kind === 'found').length;
  const so = found === 1 ? 'one account is found' : `${found} accounts are found`;
  if (phase === 'done') return `Looked through the chain up to block ${height}: ${so}.`;
  if (phase === 'numbers') return `Tries the numbers of a policy; ${so} so far`;
  const what = phase === 'first' ? 'Looks for the accounts' : 'Looks for what was paid to them';
  const left = secondsLeft === null ? '' : `, about ${secondsLeft} s left`;
  return `${what}: block ${height} of ${tipHeight}${left}; ${so} so far`;
}

function foundOf({ accounts, height }: SearchState, birthHeight: number): FoundAccounts {
  const found = accounts.filter(({ kind }) => kind === 'found').map(({ account }) => account);
  const last = Math.max(-1, ...found);
  return {
    accounts: accounts.flatMap(({ account: number, policy }) => (policy === undefined ? [] : [{ number, policy }])),
    needsPolicy: accounts.filter(({ kind }) => kind === 'needs-policy').map(({ account }) => account),
    unseen: accounts.filter(({ kind, account }) => kind === 'nothing' && account < last).map(({ account }) => account),
    from: birthHeight,
    to: height,
  };
}
