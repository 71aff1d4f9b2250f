// `rnt wallet` for looking: what a wallet has, where it can be paid, what happened.

import { qrForTerminal } from '@resonancenet/keys/qr-code';
import type { Command } from 'commander';
import { wholeNumber } from '../options.ts';
import { followScan, progressLine, type ScanInfo } from './wallet-node.ts';
import { addAccountOption, addVerb, given, type Json, table } from './wallet-verb.ts';

interface AccountOption {
  readonly account?: number;
}

export function addLookCommands(wallet: Command): void {
  addListCommands(wallet);
  addInfoCommand(wallet);
  addBalanceCommand(wallet);
  addAddressCommands(wallet);
  addCoinsCommand(wallet);
  addHistoryCommands(wallet);
  addRescanCommand(wallet);
  addMineCommand(wallet);
}

function addListCommands(wallet: Command): void {
  addVerb(wallet, {
    usage: 'list',
    summary: 'The wallets in the node\u2019s folder, and which of them it follows the chain for',
    help: 'Examples:\n  $ rnt wallet list',
    run: async (ask) => {
      const loaded = await ask<string[]>('listwallets');
      const { wallets } = await ask<{ wallets: { name: string }[] }>('listwalletdir');
      return wallets.map(({ name }) => ({ name, loaded: loaded.includes(name) }));
    },
    show: (wallets: { name: string; loaded: boolean }[]) =>
      wallets.length === 0
        ? 'There is no wallet; rnt wallet create makes one.'
        : wallets.map(({ name, loaded }) => (loaded ? name : `${name} (not loaded)`)).join('\n'),
  });
  addVerb(wallet, {
    usage: 'load <name>',
    summary: 'Follow the chain for a wallet; a loaded one reads its file again',
    help: 'A node loads all wallets of its folder when it starts.\n\nExamples:\n  $ rnt wallet load savings',
    run: (ask, [name]) => ask('loadwallet', [name]),
    show: ({ name }: { name: string }) => `Wallet '${name}' is loaded.`,
  });
  addVerb(wallet, {
    usage: 'unload <name>',
    summary: 'Do not follow the chain for a wallet, until the next start',
    help: 'Examples:\n  $ rnt wallet unload savings',
    run: (ask, [name]) => ask('unloadwallet', [name]),
    show: ({ name }: { name: string }) => `Wallet '${name}' is not loaded any more. Nothing is lost.`,
  });
}

/** An account, as getwalletinfo tells of it. */
export interface AccountInfo {
  readonly account: number;
  readonly name: string;
  readonly policy: string | null;
  /** Addresses given out, keys known. */
  readonly next: { readonly receive: number; readonly change: number };
  readonly keys: { readonly receive: number; readonly change: number };
}

interface WalletInfo extends ScanInfo {
  readonly walletname: string;
  readonly fingerprint: string;
  readonly unlocked: boolean;
  readonly warnings: readonly string[];
  readonly watchonly: boolean;
  readonly accounts: readonly AccountInfo[];
}

function addMineCommand(wallet: Command): void {
  addVerb<AccountOption>(wallet, {
    usage: 'mine',
    summary: 'Let the blocks that the node mines pay this wallet from now on',
    help: 'Examples:\n  $ rnt wallet mine --wallet savings',
    options: addAccountOption,
    run: (ask, _, { account }) => ask('setminingwallet', given({ account })),
    show: ({ wallet: name, address }: { wallet: string; address: string }) =>
      `Blocks of this node pay wallet '${name}', at ${address}.`,
  });
}

function addInfoCommand(wallet: Command): void {
  addVerb(wallet, {
    usage: 'info',
    summary: 'A wallet: its accounts with their policies, how far it has read the chain',
    help: 'Examples:\n  $ rnt wallet info\n  $ rnt wallet info --wallet savings --json',
    run: (ask) => ask('getwalletinfo'),
    show: (info: WalletInfo) =>
      [
        `wallet ${info.walletname}, fingerprint ${info.fingerprint}, ${info.watchonly ? 'its keys are on another machine' : info.unlocked ? 'unlocked' : 'locked'}`,
        progressLine(info),
        ...info.accounts.map(
          ({ account, name, policy, next, keys }) =>
            `account ${account}${name === '' ? '' : ` ${name}`}: ${policy ?? 'heir not known'}; ${next.receive} addresses given out, ${keys.receive - next.receive} keys left (change: ${next.change}, ${keys.change - next.change})`,
        ),
        ...info.warnings.map((line) => `warning: ${line}`),
      ].join('\n'),
  });
}

function addBalanceCommand(wallet: Command): void {
  addVerb<AccountOption>(wallet, {
    usage: 'balance',
    summary: 'What a wallet holds',
    help: 'Examples:\n  $ rnt wallet balance\n  $ rnt wallet balance --wallet savings --json',
    options: addAccountOption,
    run: (ask, _, { account }) => ask('getbalances', given({ account })),
    show: (balances: Record<string, string>) => {
      const lines: readonly [name: string, meaning: string][] = [
        ['confirmed', 'can be spent'],
        ['final', 'of that in final blocks'],
        ['immature', 'mined, too young to be spent'],
        ['pending', 'own, in no block yet'],
        ['incoming', 'from others, in no block yet'],
        ['locked', 'kept by you'],
        ['returning', 'lost to the emission pool in the next block'],
        ['lapsed', 'the heir can take it too'],
      ];
      const shown = lines.filter(([name]) => name === 'confirmed' || name === 'final' || balances[name] !== '0');
      return table(shown.map(([name, meaning]) => [`${name}`, `${balances[name]} RNT`, meaning]));
    },
  });
}

interface GivenAddress {
  readonly account: number;
  readonly index: number;
  readonly address: string;
  readonly paid: boolean;
  readonly label?: string;
}

function addAddressCommands(wallet: Command): void {
  addVerb<AccountOption & { readonly qr?: boolean }>(wallet, {
    usage: 'address [label]',
    summary: 'A new address to be paid at',
    help: 'Examples:\n  $ rnt wallet address\n  $ rnt wallet address "rent from Anna"\n  $ rnt wallet address --qr',
    options: (command) => {
      addAccountOption(command);
      command.option('--qr', 'show it as a QR code too (on standard error)');
    },
    run: async (ask, [label], { account, qr }) => {
      const address = await ask<string>('getnewaddress', given({ label, account }));
      if (qr === true) console.error(qrForTerminal(address.toUpperCase()));
      return address;
    },
    show: (address: string) => address,
  });
  addVerb<AccountOption>(wallet, {
    usage: 'addresses',
    summary: 'The addresses that a wallet has given out, with their labels',
    help: 'Examples:\n  $ rnt wallet addresses\n  $ rnt wallet addresses --account 1 --json',
    options: addAccountOption,
    run: (ask, _, { account }) => ask('listaddresses', given({ account })),
    show: (addresses: GivenAddress[]) =>
      table(
        addresses.map(({ account, index, address, paid, label }) => [
          `${account}/${index}`,
          address,
          paid ? 'paid, or one after it' : 'not paid yet',
          label ?? '',
        ]),
      ),
  });
  addVerb(wallet, {
    usage: 'label <name> <label>',
    summary: 'Call an address or a transaction something; an empty label takes it away',
    help: 'Addresses of others are the address book.\n\nExamples:\n  $ rnt wallet label rnt1q... Anna',
    run: (ask, [name, label]) => ask('setlabel', { name, label }),
    show: ({ kind }: { kind: string }, [name, label]) => `${kind} ${name}: ${label === '' ? '(no label)' : label}`,
  });
  addVerb(wallet, {
    usage: 'labels',
    summary: 'Everything that has a label, the address book among it',
    help: 'Examples:\n  $ rnt wallet labels',
    run: (ask) => ask('listlabels'),
    show: (labels: { kind: string; name: string; label: string }[]) =>
      table(labels.map(({ kind, name, label }) => [kind, name, label])),
  });
}

interface Coin {
  readonly txid: string;
  readonly vout: number;
  readonly amount: string;
  readonly confirmations: number;
  readonly status: string;
  readonly deadline?: number | null;
}

function addCoinsCommand(wallet: Command): void {
  addVerb<AccountOption>(wallet, {
    usage: 'coins',
    summary: 'The coins of a wallet, and what can be done with each',
    help: 'Examples:\n  $ rnt wallet coins',
    options: addAccountOption,
    run: (ask, _, { account }) => ask('listunspent', given({ minconf: 0, account })),
    show: (coins: Coin[]) =>
      table(
        coins.map(({ txid, vout, amount, confirmations, status, deadline }) => [
          `${txid}:${vout}`,
          `${amount} RNT`,
          `${confirmations} confirmations`,
          status,
          typeof deadline === 'number' ? `until block ${deadline}` : '',
        ]),
      ),
  });
  for (const isKept of [true, false])
    addVerb(wallet, {
      usage: `${isKept ? 'keep' : 'release'} <coin...>`,
      summary: isKept ? 'Keep coins from being spent' : 'Let coins be spent again that were kept',
      help: `Examples:\n  $ rnt wallet ${isKept ? 'keep' : 'release'} TXID:0`,
      run: (ask, coins) => ask('lockunspent', { unlock: !isKept, transactions: coins.map(coinOf) }),
      show: (_: true, coins) => `${coins.length} ${isKept ? 'kept' : 'released'}`,
    });
}

function coinOf(text: string): Json {
  const [txid, vout] = text.split(':');
  return { txid, vout: Number(vout) };
}

interface Entry {
  readonly category: string;
  readonly txid?: string;
  readonly amount: string;
  readonly confirmations: number;
  readonly time?: number;
  readonly label?: string;
}

function addHistoryCommands(wallet: Command): void {
  addVerb<AccountOption & { readonly count: number; readonly skip: number }>(wallet, {
    usage: 'history',
    summary: 'What happened, newest first; what waits for a block comes before all',
    help: 'Examples:\n  $ rnt wallet history --count 50',
    options: (command) => {
      addAccountOption(command);
      command.option('--count <n>', 'so many entries', wholeNumber(1, 10_000), 10);
      command.option('--skip <n>', 'after leaving out so many', wholeNumber(0, 1e9), 0);
    },
    run: (ask, _, { account, count, skip }) => ask('listtransactions', given({ count, skip, account })),
    show: (entries: Entry[]) =>
      table(
        entries.map(({ category, txid, amount, confirmations, time, label }) => [
          time === undefined ? '' : new Date(1000 * time).toISOString().slice(0, 16).replace('T', ' '),
          category,
          `${amount} RNT`,
          confirmations === 0 ? 'waits' : `${confirmations} confirmations`,
          txid ?? '',
          label ?? '',
        ]),
      ),
  });
  addVerb(wallet, {
    usage: 'transaction <txid>',
    summary: 'One transaction',
    help: 'Examples:\n  $ rnt wallet transaction TXID',
    run: (ask, [txid]) => ask('gettransaction', [txid]),
    show: (transaction: Json) => JSON.stringify(transaction, null, 2),
  });
}

function addRescanCommand(wallet: Command): void {
  addVerb(wallet, {
    usage: 'rescan',
    summary: 'Read the chain again from the wallet\u2019s birth on',
    help: 'Labels and payments that wait are kept. It goes on in the node if this command is stopped.\n\nExamples:\n  $ rnt wallet rescan',
    run: async (ask) => {
      const result = await ask<Json>('rescanblockchain');
      await followScan(() => ask<WalletInfo>('getwalletinfo'));
      return result;
    },
    show: ({ stop_height }: { stop_height: number }) =>
      `The wallet has read the chain again, up to block ${stop_height}.`,
  });
}
