// `rnt wallet rntp`: transactions for several signers and machines.

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Interrupted, UsageError } from '../errors.ts';
import { canAsk, saysYes } from './confirm.ts';
import { offline } from './offline.ts';
import { addPayOptions, optionsOf, type PayOptions, paymentOf } from './pay-commands.ts';
import { type RntpResult, writeResult } from './rntp-file.ts';
import { type Review, reviewText } from './rntp-review.ts';
import { addVerb, type Ask, type Json } from './wallet-verb.ts';

/** Of `rntp` in base64; the bits after it belong to the next byte. */
const START = 'cm50c';

interface RntpOptions extends PayOptions {
  readonly out?: string;
}

export function addRntpCommands(wallet: Command): void {
  const rntp = wallet
    .command('rntp')
    .description('Transactions for several signers: build, look at, review, sign, join, send');
  addCreateCommand(rntp);
  addLookCommands(rntp);
  addSignCommand(rntp);
  addSendCommands(rntp);
}

function addOut(command: Command): void {
  command.option('--out <file>', 'write it to a file instead');
}

function writtenText({ rntp, written }: RntpResult & { readonly written?: string }): string {
  return written ?? rntp;
}

function addCreateCommand(rntp: Command): void {
  addVerb<RntpOptions>(rntp, {
    usage: 'create <payment...>',
    summary: 'Build a payment and sign nothing',
    help: 'Examples:\n  $ rnt wallet rntp create rnt1q...=1.5 --out payment.rntp',
    options: (command) => {
      addPayOptions(command);
      addOut(command);
    },
    run: async (ask, payments, options) => {
      const outputs = payments.map(paymentOf);
      return writeResult(await ask('createfundedrntp', { outputs, options: optionsOf(options) }), options.out);
    },
    show: writtenText,
  });
}

function addLookCommands(rntp: Command): void {
  addVerb(rntp, {
    usage: 'show <file>',
    summary: 'All that is in it, and what it still needs',
    help: 'Examples:\n  $ rnt wallet rntp show payment.rntp',
    offline,
    run: (ask, [file]) => ask('decoderntp', [readRntp(file!)]),
    show: (decoded: Json) => JSON.stringify(decoded, null, 2),
  });
  addVerb(rntp, {
    usage: 'review <file>',
    summary: 'What a wallet would sign: what leaves it, to whom, which recovery, who asks; signs nothing',
    help: 'Examples:\n  $ rnt wallet rntp review announce.rntp --wallet main',
    offline,
    run: (ask, [file]) => ask('reviewrntp', [readRntp(file!)]),
    show: reviewText,
  });
}

interface SignOptions extends RntpOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

const signHelp = `The wallet must be unlocked. Where no node runs, as on a machine without a network, its signer is asked directly. What it would sign is shown first and has to be confirmed; a script gives --yes, and finds it in the answer of --json as review.

Examples:
  $ rnt wallet rntp sign payment.rntp --out signed.rntp
  $ rnt wallet rntp sign payment.rntp --yes --json`;

function addSignCommand(rntp: Command): void {
  addVerb<SignOptions>(rntp, {
    usage: 'sign <file>',
    summary: 'Add the signatures of a wallet, after you have seen what it signs',
    help: signHelp,
    options: (command) => {
      addOut(command);
      command.option('--yes', 'sign without being asked');
    },
    offline,
    run: async (ask, [file], options) => {
      const text = readRntp(file!);
      const review = await confirmed(ask, text, options, file!);
      const signed = await ask<RntpResult>('walletprocessrntp', [text]);
      return { ...writeResult(signed, options.out), review };
    },
    show: writtenText,
  });
}

/** What is signed, after somebody has agreed. @throws UsageError, Interrupted */
async function confirmed(ask: Ask, rntp: string, { yes, json }: SignOptions, file: string): Promise<Review> {
  const review = await ask<Review>('reviewrntp', [rntp]);
  if (json !== true) console.error(reviewText(review));
  if (yes === true) return review;
  if (json === true || !canAsk())
    throw new UsageError(
      `Nothing is signed without --yes where nobody can be asked. rnt wallet rntp review ${file} shows what it is.`,
    );
  if (await saysYes(`Shall wallet '${review.wallet}' sign this?`)) return review;
  throw new Interrupted('Nothing was signed.');
}

function addSendCommands(rntp: Command): void {
  addVerb<RntpOptions>(rntp, {
    usage: 'join <file...>',
    summary: 'Join the signatures of several copies',
    help: 'Examples:\n  $ rnt wallet rntp join anna.rntp boris.rntp --out all.rntp',
    options: addOut,
    offline,
    run: async (ask, files, options) => writeResult(await ask('combinerntp', [files.map(readRntp)]), options.out),
    show: writtenText,
  });
  addVerb(rntp, {
    usage: 'send <file>',
    summary: 'Send a transaction that has all its signatures',
    help: 'Examples:\n  $ rnt wallet rntp send all.rntp',
    run: async (ask, [file]) => {
      const result = await ask<{ complete: boolean; hex?: string; missing?: Missing[] }>('finalizerntp', [
        readRntp(file!),
      ]);
      if (result.hex !== undefined) return { txid: await ask('sendrawtransaction', [result.hex]) };
      const lacks = (result.missing ?? []).map(({ kind, index, count }) => `${count} for ${kind} ${index}`);
      throw new UsageError(
        `It still needs signatures (${lacks.join(', ')}): rnt wallet rntp review ${file} shows whose.`,
      );
    },
    show: ({ txid }: { txid: string }) => txid,
  });
}

interface Missing {
  readonly kind: string;
  readonly index: number;
  readonly count: number;
}

/** The text in a file. @throws UsageError */
function readRntp(file: string): string {
  const text = readFileSync(file, 'utf8').trim();
  if (text.startsWith(START) && /^[A-Za-z0-9+/]+=*$/.test(text)) return text;
  throw new UsageError(
    `${file} holds no partially signed transaction: that is text in base64 that begins with ${START}.`,
  );
}
