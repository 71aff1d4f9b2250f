// The wallets of the node as wholes.

import { encode } from '@resonancenet/bytes/encode';
import { walletNotesCodec } from '@resonancenet/keys/wallet-notes';
import { LABEL_KINDS, walkLabels } from '@resonancenet/wallet/labels';
import { exportNotes } from '@resonancenet/wallet/notes';
import { z } from 'zod';
import { missingKeysText } from '../../wallet/missing-keys-text.ts';
import { hexId } from '../../wallet/wallet-chain.ts';
import { describeAccount } from '../describe-wallet.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';
import { type WalletApi, walletMethod, withWalletErrors } from '../wallet-call.ts';
import type { LoadedWallet } from '../../wallet/loaded-wallet.ts';

type Json = Readonly<Record<string, unknown>>;

const nameParam = z.string().min(1).max(80);

export function walletMethods(api: WalletApi): RpcMethod[] {
  return [
    ...folderMethods(api),
    infoMethod(api),
    backupInfoMethod(api),
    notesMethod(api),
    rescanMethod(api),
    lockMethod(api),
  ];
}

function folderMethods({ wallets }: WalletApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'listwallets',
      summary: 'Names of the wallets that are loaded.',
      params: z.object({}),
      result: 'list of names',
      example: [],
      handler: () => wallets.names(),
    }),
    rpcMethod({
      name: 'listwalletdir',
      summary: 'Names of the wallets that lie in the node\u2019s folder, loaded or not.',
      params: z.object({}),
      result: 'wallets (list of objects with a name)',
      example: [],
      handler: () => ({ wallets: wallets.files.list().map((name) => ({ name })) }),
    }),
    rpcMethod({
      name: 'loadwallet',
      summary:
        'Loads a wallet of the node\u2019s folder; one that is loaded reads its file again (new accounts and keys).',
      params: z.object({ name: nameParam }),
      result: 'name',
      example: ['main'],
      handler: ({ name }) =>
        withWalletErrors(async () => {
          if (wallets.names().includes(name)) await wallets.get(name).reload();
          else await wallets.load(name);
          return { name };
        }),
    }),
    rpcMethod({
      name: 'unloadwallet',
      summary: 'Stops following the chain for a wallet, until the next start. Nothing is lost.',
      params: z.object({ name: nameParam.optional() }),
      result: 'name',
      example: ['main'],
      handler: ({ name }, context) =>
        withWalletErrors(async () => {
          const wallet = wallets.get(name ?? context.wallet);
          await wallets.unload(wallet.name);
          return { name: wallet.name };
        }),
    }),
  ];
}

function infoMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'getwalletinfo',
    summary: 'A wallet: its accounts with their policies, how far it has read the chain, whether it is unlocked.',
    params: z.object({}),
    result:
      'walletname, fingerprint, format, private_keys_enabled (false: they are in the signer), birthheight, unlocked, unlocked_until (Unix seconds), lastprocessedblock, scanning (false, or height, tipHeight, progress, secondsLeft), warnings, watchonly (its keys are on another machine), accounts (next: how many addresses were given out; keys: how many are known)',
    example: [],
    handler: (wallet) => describeWallet(wallet, api),
  });
}

function backupInfoMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'getbackupinfo',
    summary: 'What must be kept beside the words to restore a wallet, and what would be lost without a backup file.',
    params: z.object({}),
    result:
      'walletname, fingerprint, network, birthheight, accounts (account, name, policy: the line that a restore from words needs, next), labels (how many; only a backup file keeps them)',
    example: [],
    handler: (wallet) => ({
      walletname: wallet.name,
      fingerprint: wallet.fingerprint,
      network: api.ledger.params.name,
      birthheight: wallet.record.birthHeight,
      accounts: [...wallet.accounts.all].map((account) => {
        const { name, policy, next } = describeAccount(wallet, account, api.ledger);
        return { account: account.number, name, policy, next };
      }),
      labels: LABEL_KINDS.reduce((sum, kind) => sum + [...walkLabels(wallet.store, kind)].length, 0),
    }),
  });
}

function notesMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'getwalletnotes',
    summary: 'What the chain does not know of a wallet and is no secret: rnt wallet backup puts it into the backup.',
    params: z.object({}),
    result: 'notes (base64, WAL-18), labels, contacts (how many), omitted (more than a backup holds)',
    example: [],
    handler: ({ store, accounts, record }) => {
      const { notes, omitted } = exportNotes(store, accounts, record.fingerprint);
      return {
        notes: Buffer.from(encode(walletNotesCodec, notes)).toString('base64'),
        labels: notes.labels.length,
        contacts: notes.contacts.length,
        omitted,
      };
    },
  });
}

async function describeWallet(wallet: LoadedWallet, { wallets, ledger }: WalletApi): Promise<Json> {
  const { tip, progress } = wallet.sync;
  const { isUnlocked, locksAtUnixMs } = await wallet.signer.status();
  return {
    walletname: wallet.name,
    fingerprint: wallet.fingerprint,
    format: 'lmdb',
    private_keys_enabled: false,
    birthheight: wallet.record.birthHeight,
    unlocked: isUnlocked,
    ...(locksAtUnixMs === null ? {} : { unlocked_until: Math.floor(locksAtUnixMs / 1000) }),
    lastprocessedblock: tip === null ? null : { height: tip.height, hash: hexId(tip.id) },
    scanning: progress === null ? false : { ...progress, progress: progress.height / Math.max(1, progress.tipHeight) },
    warnings: warningsOf(wallet, wallets.troubleOf(wallet.name)),
    watchonly: wallet.signer.isWatchOnly === true,
    accounts: [...wallet.accounts.all].map((account) => describeAccount(wallet, account, ledger)),
  };
}

function warningsOf({ sync, signer }: LoadedWallet, trouble: string | null): string[] {
  const missing = sync.missingKeys.map((keys) => missingKeysText(keys, signer.isWatchOnly === true));
  return [trouble, sync.blocked, ...missing].filter((line) => line !== null);
}

function rescanMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'rescanblockchain',
    summary:
      'Forgets what the wallet has read of the chain and reads it again from its birth on; getwalletinfo shows how far it is.',
    params: z.object({ wait: z.boolean().optional() }),
    result: 'start_height, stop_height (with wait: when it is done; else the height that it goes to)',
    example: [true],
    handler: async (wallet, { wait }) => {
      wallet.sync.rescan();
      if (wait === true) await wallet.sync.caughtUp();
      const stop = wait === true ? (wallet.sync.tip?.height ?? null) : api.ledger.tip().height;
      return { start_height: Math.max(1, wallet.record.birthHeight), stop_height: stop };
    },
  });
}

function lockMethod(api: WalletApi): RpcMethod {
  return walletMethod(api, {
    name: 'walletlock',
    summary: 'Ends the wallet\u2019s signer: its keys are in no memory any more.',
    params: z.object({}),
    result: 'null',
    example: [],
    handler: async ({ signer, name }) => {
      await signer.lock();
      const { isUnlocked } = await signer.status();
      if (isUnlocked) throw new RpcError(RPC_ERROR.wallet, `The signer of '${name}' is still running.`);
    },
  });
}
