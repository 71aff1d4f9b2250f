// `rnt wallet recovery`: how accounts stand, signs of life, and what heirs and guardians do.

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { wholeNumber } from '../options.ts';
import { addRehearseCommand } from './rehearsal/rehearse-command.ts';
import { type AccountStatus, accountStatusText } from './recovery-status-text.ts';
import { writeResult } from './rntp-file.ts';
import { addAccountOption, addVerb, given, type Json } from './wallet-verb.ts';

interface AccountOption {
  readonly account?: number;
}

export function addRecoveryCommands(wallet: Command): void {
  const recovery = wallet
    .command('recovery')
    .description('How accounts stand, signs of life; for heirs and guardians: watch, announce, claim; rehearse it all');
  addStatusCommand(recovery);
  addSignCommands(recovery);
  addWatchCommand(recovery);
  addAnnounceCommand(recovery);
  addClaimCommand(recovery);
  addRehearseCommand(recovery);
}

function addStatusCommand(recovery: Command): void {
  addVerb<AccountOption>(recovery, {
    usage: 'status',
    summary:
      'How long the accounts of a wallet may stay silent, who can do what at which height, and what returns when',
    help: 'Heights are exact; times are estimates by how long the last 100 blocks took.\n\nExamples:\n  $ rnt wallet recovery status\n  $ rnt wallet recovery status --wallet annas --json',
    options: (command) => addAccountOption(command, 'all'),
    run: (ask, _, { account }) => ask('recoverystatus', given({ account })),
    show: (list: AccountStatus[]) => list.map(accountStatusText).join('\n\n'),
  });
}

function addSignCommands(recovery: Command): void {
  for (const [name, method, summary] of [
    ['heartbeat', 'heartbeat', 'Send a sign of life now'],
    ['cancel', 'cancelrecovery', 'Say no to a recovery that guardians have announced'],
  ] as const)
    addVerb<AccountOption>(recovery, {
      usage: name,
      summary,
      help: `The wallet must be unlocked. While it is, it sends signs of life by itself in time.\n\nExamples:\n  $ rnt wallet recovery ${name}`,
      options: addAccountOption,
      run: (ask, _, { account }) => ask(method, given({ account })),
      show: ({ txid, fee }: { txid: string; fee: string }) => `${txid}\nsent: fee ${fee} RNT`,
    });
}

function addWatchCommand(recovery: Command): void {
  addVerb<{ readonly birthHeight: number }>(recovery, {
    usage: 'watch <name> <file>',
    summary: 'Watch an account of somebody else\u2019s, whose heir or guardian you are',
    help: 'The file is what rnt wallet kit --window-out wrote on the owner\u2019s machine; it holds no secret.\n\nExamples:\n  $ rnt wallet recovery watch annas annas.window',
    options: (command) =>
      void command.option(
        '--birth-height <n>',
        'block from which the account may have coins',
        wholeNumber(0, 2 ** 32 - 1),
        0,
      ),
    run: (ask, [name, file], { birthHeight }) =>
      ask('watchaccount', { name, windows: readFileSync(file!).toString('base64'), birthheight: birthHeight }),
    show: ({ name, fingerprint }: { name: string; fingerprint: string }) =>
      `The node watches wallet ${fingerprint} under the name '${name}'. It has no secret of it.`,
  });
}

interface SignersOptions extends AccountOption {
  readonly signer?: readonly string[];
  readonly out?: string;
}

const signerHelp =
  'Heirs and guardians sign on their own machines and need not be named: each wallet finds its key. Only a key beyond its first 100 (show-key --index) is named by --signer KEY@FINGERPRINT/ACCOUNT/INDEX.';

function addSignerOptions(command: Command): void {
  addAccountOption(command);
  command.option('--signer <key@fingerprint...>', 'where the key of who signs is');
  command.option('--out <file>', 'write the transaction to a file instead');
}

function addAnnounceCommand(recovery: Command): void {
  addVerb<SignersOptions & { readonly payer: string }>(recovery, {
    usage: 'announce <address>',
    summary: 'Guardians: say where the coins of a lost account shall go; each signs (rntp sign), joined it is sent',
    help: `${signerHelp}\n\nExamples:\n  $ rnt wallet recovery announce rnt1q... --wallet annas --payer main --out announce.rntp\n  $ rnt wallet rntp sign announce.rntp --wallet main --out first.rntp       and so each guardian\n  $ rnt wallet rntp join first.rntp second.rntp --out all.rntp\n  $ rnt wallet rntp send all.rntp`,
    options: (command) => {
      addSignerOptions(command);
      command.requiredOption('--payer <wallet>', 'a wallet of this node that pays the fee');
    },
    run: async (ask, [destination], { account, signer, payer, out }) => {
      const guardians = signer?.map(signerOf);
      return writeResult(await ask('announcerecovery', given({ destination, payer, guardians, account })), out);
    },
    show: builtText,
  });
}

function addClaimCommand(recovery: Command): void {
  addVerb<SignersOptions & { readonly to?: string }>(recovery, {
    usage: 'claim',
    summary:
      'Heirs and guardians: take the coins of an account that is watched; refused with the height at which it opens',
    help: `An heir gives --to; guardians go where they announced. ${signerHelp}\n\nExamples:\n  $ rnt wallet recovery claim --wallet annas --to rnt1q... --out claim.rntp\n  $ rnt wallet rntp sign claim.rntp --wallet main --out signed.rntp\n  $ rnt wallet rntp send signed.rntp`,
    options: (command) => {
      addSignerOptions(command);
      command.option('--to <address>', 'where an heir lets the coins go');
    },
    run: async (ask, _, { account, signer, to, out }) => {
      const signers = signer?.map(signerOf);
      return writeResult(await ask('claimrecovery', given({ signers, destination: to, account })), out);
    },
    show: builtText,
  });
}

interface Built {
  readonly rntp: string;
  readonly written?: string;
  readonly fee: string;
  readonly bonds?: string;
  readonly amount?: string;
  readonly later?: { readonly amount: string; readonly opens: number } | null;
}

function builtText({ rntp, written, fee, bonds, amount, later }: Built): string {
  return [
    written ?? rntp,
    amount === undefined ? `fee ${fee} RNT` : `${amount} RNT arrive, fee ${fee} RNT`,
    ...(bonds === undefined
      ? []
      : [`bond ${bonds} RNT: there was an announcement before. It comes back when this one is carried out`]),
    ...(later === null || later === undefined
      ? []
      : [`${later.amount} RNT more open at block ${later.opens} or later`]),
    'sign it next: rnt wallet rntp sign',
  ].join('\n');
}

function signerOf(text: string): Json {
  const match = /^([^@]+)@([0-9a-f]{8})(?:\/(\d+)\/(\d+))?$/.exec(text);
  if (match === null) throw new UsageError(`--signer ${text}: give KEY@FINGERPRINT or KEY@FINGERPRINT/ACCOUNT/INDEX.`);
  const [, key, fingerprint, account, index] = match;
  return given({
    key,
    fingerprint,
    account: account === undefined ? undefined : Number(account),
    index: index === undefined ? undefined : Number(index),
  });
}
