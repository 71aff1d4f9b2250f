// `rnt wallet` for paying.

import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { wholeNumber } from '../options.ts';
import { offline } from './offline.ts';
import { addPatienceOptions, type PatientOptions, payPatiently } from './pay-patiently.ts';
import { addSecretsOption } from './wallet-place.ts';
import { addAccountOption, addVerb, given, type Json } from './wallet-verb.ts';

export interface PayOptions {
  readonly account?: number;
  readonly feeRate?: string;
  readonly target?: number;
  readonly maxFee?: string;
  readonly coin?: readonly string[];
  readonly unconfirmed?: boolean;
  readonly heartbeat?: boolean;
  readonly label?: string;
  readonly reference?: string;
}

interface Sent {
  readonly txid?: string;
  readonly complete: boolean;
  readonly repeated?: boolean;
  readonly fee?: string;
  readonly change?: string | null;
  /** Of the block that has it, if that was awaited. */
  readonly blockheight?: number;
  readonly rntp?: string;
  readonly missing?: unknown;
}

export function addPayCommands(wallet: Command): void {
  addSendCommands(wallet);
  addReplaceCommands(wallet);
  addMessageCommands(wallet);
}

function addFeeOptions(command: Command): void {
  command.option('--fee-rate <RNT>', 'RNT per 1,000 bytes');
  command.option('--target <blocks>', 'confirmed within so many blocks (default: 6)', wholeNumber(1, 1008));
  command.option('--max-fee <RNT>', 'refuse a higher fee than this (default: 0.1)');
}

export function addPayOptions(command: Command): void {
  addAccountOption(command);
  addFeeOptions(command);
  command.option('--coin <txid:n...>', 'spend exactly these coins');
  command.option('--unconfirmed', 'spend change that is in no block yet too');
  command.option('--no-heartbeat', 'add no sign of life');
}

function addReferenceOption(command: Command): void {
  command.option('--reference <text>', 'your name for the payment: it is paid once, however often it is asked for');
}

/** As the node's methods take them. */
export function optionsOf(options: PayOptions): Json {
  const { account, feeRate, target, maxFee, coin, unconfirmed, heartbeat, reference } = options;
  const inputs = coin?.map((text) => {
    const [txid, vout] = text.split(':');
    return { txid, vout: Number(vout) };
  });
  return given({
    account,
    fee_rate: feeRate,
    conf_target: feeRate === undefined ? target : undefined,
    max_fee: maxFee,
    inputs,
    unconfirmed,
    heartbeat,
    reference,
  });
}

function sentLine(result: Sent): string {
  if (result.repeated === true) return `${result.txid}\nwas sent before under this reference; nothing more is paid`;
  if (!result.complete) return `Others must sign too: ${String(result.missing)}\n${result.rntp}`;
  const change = result.change === null || result.change === undefined ? '' : `, ${result.change} RNT come back`;
  const confirmed = result.blockheight === undefined ? '' : `\nconfirmed in block ${result.blockheight}`;
  return `${result.txid}\nsent: fee ${result.fee} RNT${change}${confirmed}`;
}

function addSendCommands(wallet: Command): void {
  addVerb<PayOptions & PatientOptions>(wallet, {
    usage: 'send <address> <amount>',
    summary: 'Pay an address',
    help: 'The wallet must be unlocked (rnt wallet unlock), or is for this payment alone (--unlock: the passphrase is asked for).\n\nExamples:\n  $ rnt wallet send rnt1q... 1.5\n  $ rnt wallet send @Anna 1.5          of the address book\n  $ rnt wallet send rnt1q... 1.5 --label rent --target 2',
    options: (command) => {
      addPayOptions(command);
      addReferenceOption(command);
      command.option('--label <text>', 'what the payment is called');
      addPatienceOptions(command);
      addSecretsOption(command);
    },
    run: (ask, [address, amount], options, command) => {
      const params = given({ address, amount, label: options.label, options: optionsOf(options) });
      return payPatiently(ask, () => ask<Sent>('sendtoaddress', params), options, command);
    },
    show: sentLine,
  });
  addVerb<PayOptions>(wallet, {
    usage: 'send-many <payment...>',
    summary: 'Pay several addresses in one transaction',
    help: 'Examples:\n  $ rnt wallet send-many rnt1q...=1.5 rnt1p...=2',
    options: (command) => {
      addPayOptions(command);
      addReferenceOption(command);
    },
    run: (ask, payments, options) => ask('send', { outputs: payments.map(paymentOf), options: optionsOf(options) }),
    show: sentLine,
  });
  addVerb<PayOptions>(wallet, {
    usage: 'send-all <address>',
    summary: 'Pay all that an account can spend',
    help: 'Examples:\n  $ rnt wallet send-all rnt1q...',
    options: (command) => {
      addPayOptions(command);
      addReferenceOption(command);
    },
    run: (ask, [address], options) => ask('sendall', { address, options: optionsOf(options) }),
    show: sentLine,
  });
}

export function paymentOf(text: string): Json {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`'${text}': give address=amount, for example rnt1q...=1.5.`);
  return { address: text.slice(0, at), amount: text.slice(at + 1) };
}

function addReplaceCommands(wallet: Command): void {
  for (const [name, method, summary] of [
    ['bump', 'bumpfee', 'Replace a payment that waits by one with a higher fee'],
    ['cancel', 'canceltransaction', 'Take a payment back that waits; whichever a block has first counts'],
  ] as const)
    addVerb<PayOptions>(wallet, {
      usage: `${name} <txid>`,
      summary,
      help: `Examples:\n  $ rnt wallet ${name} TXID --target 2`,
      options: addFeeOptions,
      run: (ask, [txid], options) => ask(method, { txid, options: optionsOf(options) }),
      show: sentLine,
    });
  addVerb(wallet, {
    usage: 'abandon <txid>',
    summary: 'Give up a payment that waits and is not in the pool any more',
    help: 'Examples:\n  $ rnt wallet abandon TXID',
    run: (ask, [txid]) => ask('abandontransaction', [txid]),
    show: (_: null, [txid]) => `${txid} is given up; its coins can be spent again.`,
  });
}

function addMessageCommands(wallet: Command): void {
  addVerb(wallet, {
    usage: 'sign-message <address> <text>',
    summary: 'Sign a text with the key of one of the wallet\u2019s addresses',
    help: 'Examples:\n  $ rnt wallet sign-message rnt1q... "this is me"',
    offline,
    run: (ask, [address, message]) => ask('signmessage', [address, message]),
    show: (signature: string) => signature,
  });
  addVerb(wallet, {
    usage: 'verify-message <address> <signature> <text>',
    summary: 'Whether a text was signed by whoever can spend from an address',
    help: 'Ends with 1 if it was not.\n\nExamples:\n  $ rnt wallet verify-message rnt1q... SIGNATURE "this is me"',
    run: async (ask, [address, signature, message]) => {
      const isSigned = await ask<boolean>('verifymessage', { address, signature, message });
      if (!isSigned) process.exitCode = 1;
      return isSigned;
    },
    show: (isSigned: boolean) =>
      isSigned ? 'It was signed by the holder of the address.' : 'It was NOT signed by the holder of the address.',
  });
}
