// The recovery kit: what has to be kept beside the words, and how to use it. No secret is in it.

import { toHex } from '@resonancenet/bytes/hex';
import { policyOfTerms } from '@resonancenet/keys/account-policy';
import { encodeKeyText } from '@resonancenet/keys/key-text';
import type { WatchedPolicy } from '@resonancenet/keys/key-window';
import { printPolicyText } from '@resonancenet/keys/policy-text';
import { qrAsSvg, qrForTerminal } from '@resonancenet/keys/qr-code';
import type { WalletRecord } from '@resonancenet/keys/wallet-record';
import type { ChainNow } from './block-time.ts';
import { policyInWords } from './policy-wizard.ts';
import type { WalletPlace } from './wallet-place.ts';

export interface KitAccount {
  readonly number: number;
  readonly name: string;
  /** The policy's line; null: the heir is not known, as after a restore from words alone. */
  readonly policy: string | null;
  readonly meaning: string;
  /** Key texts. */
  readonly heir: string | null;
  readonly guardians: readonly string[];
}

export interface RecoveryKit {
  readonly wallet: string;
  readonly network: string;
  readonly fingerprint: string;
  readonly birthHeight: number;
  /** Of the chain when the kit was made; null: no node answered. */
  readonly madeAtHeight: number | null;
  readonly accounts: readonly KitAccount[];
  /** Commands, each with what it is for. */
  readonly steps: readonly { readonly purpose: string; readonly command: string }[];
}

export function recoveryKit(record: WalletRecord, place: WalletPlace, now: ChainNow): RecoveryKit {
  const accounts = record.accounts.map(({ number, name, policy }): KitAccount => {
    return { number, name, ...policyTexts(policy, place.params.addressPrefix, now) };
  });
  return {
    wallet: record.name,
    network: place.params.name,
    fingerprint: toHex(record.fingerprint),
    birthHeight: record.birthHeight,
    madeAtHeight: now.height,
    accounts,
    steps: stepsOf(record, place, accounts),
  };
}

function policyTexts(policy: WatchedPolicy, prefix: string, now: ChainNow): Omit<KitAccount, 'number' | 'name'> {
  const known = policyOfTerms(policy.terms, policy.recoveryKey);
  const guardians = policy.terms.type === 'social' ? policy.terms.guardians : [];
  return {
    policy: known === null ? null : printPolicyText(known, prefix),
    meaning: known === null ? 'The heir of this account is not known here.' : policyInWords(known, now),
    heir: policy.recoveryKey === null ? null : encodeKeyText(prefix, policy.recoveryKey),
    guardians: guardians.map((key) => encodeKeyText(prefix, key)),
  };
}

function stepsOf(
  { name, birthHeight, fingerprint }: WalletRecord,
  { networkOption }: WalletPlace,
  accounts: readonly KitAccount[],
): RecoveryKit['steps'] {
  const [first, ...others] = accounts;
  const known = `--birth-height ${birthHeight} --fingerprint ${toHex(fingerprint)}`;
  return [
    {
      purpose: 'You have the words: make the wallet again',
      command: `rnt wallet restore ${name} ${networkOption} --words${policyOption(first)} ${known}`,
    },
    ...others.map((account) => ({
      purpose: `Then its account ${account.number}`,
      command: `rnt wallet account add --wallet ${name} ${networkOption} --used${policyOption(account)}`,
    })),
    {
      purpose: 'You have the backup file and its passphrase',
      command: `rnt wallet restore ${name} ${networkOption} --backup FILE`,
    },
    {
      purpose: 'Unlock it, so that it can pay and give signs of life',
      command: `rnt wallet unlock ${name} ${networkOption}`,
    },
    ...stepsOfOthers(name, networkOption, accounts),
  ];
}

/** What heirs and guardians do on their own machines. */
function stepsOfOthers(name: string, networkOption: string, accounts: readonly KitAccount[]): RecoveryKit['steps'] {
  const hasHeir = accounts.some(({ heir }) => heir !== null);
  const hasGuardians = accounts.some(({ guardians }) => guardians.length > 0);
  if (!hasHeir && !hasGuardians) return [];
  const watched = `${name}-watched`;
  return [
    {
      purpose: 'You, today: the key windows that heirs and guardians need; give them the file with this kit',
      command: `rnt wallet kit ${name} ${networkOption} --window-out ${name}.window`,
    },
    {
      purpose: 'Heir or guardian: watch the account, and see when it opens',
      command: `rnt wallet recovery watch ${watched} ${name}.window ${networkOption}; rnt wallet recovery status --wallet ${watched} ${networkOption}`,
    },
    ...(hasGuardians
      ? [
          {
            purpose: 'Guardians: announce where the coins shall go; each signs it (rnt wallet rntp --help)',
            command: `rnt wallet recovery announce ADDRESS --wallet ${watched} --payer OWN_WALLET --out announce.rntp ${networkOption}`,
          },
          {
            purpose: 'Guardians, after the waiting time: take the coins; each signs it',
            command: `rnt wallet recovery claim --wallet ${watched} --out claim.rntp ${networkOption}`,
          },
        ]
      : []),
    ...(hasHeir
      ? [
          {
            purpose: 'Heir, when it is open: take the coins; sign it and send it (rnt wallet rntp --help)',
            command: `rnt wallet recovery claim --wallet ${watched} --to ADDRESS --out claim.rntp ${networkOption}`,
          },
        ]
      : []),
  ];
}

/** A policy that is not known is looked for on the chain. */
function policyOption(account: KitAccount | undefined): string {
  if (account === undefined || account.policy === null) return '';
  return `${account.number === 0 ? '' : ` --number ${account.number}`} --policy '${account.policy}'`;
}

/** For a terminal and for paper. */
export function kitText(kit: RecoveryKit): string {
  const made = kit.madeAtHeight === null ? 'no node was asked' : `made at block ${kit.madeAtHeight}`;
  return [
    `RECOVERY KIT of wallet '${kit.wallet}'. No secret is in it; keep it beside the words and with your heir or guardians.`,
    '',
    `network       ${kit.network}`,
    `fingerprint   ${kit.fingerprint}`,
    `first block   ${kit.birthHeight} (${made})`,
    ...kit.accounts.flatMap(accountLines),
    '',
    ...kit.steps.flatMap(({ purpose, command }) => [`${purpose}:`, `  ${command}`]),
  ].join('\n');
}

function accountLines({ number, name, policy, meaning, heir, guardians }: KitAccount): string[] {
  return [
    '',
    `account ${number}${name === '' ? '' : ` (${name})`}`,
    ...(policy === null ? [] : [`  policy      ${policy}`]),
    `  meaning     ${meaning}`,
    ...(heir === null ? [] : [`  heir        ${heir}`]),
    ...guardians.map((key, index) => `  guardian ${String(index + 1).padEnd(3)}${key}`),
  ];
}

/** The policies' lines as codes for a terminal. */
export function kitCodes(kit: RecoveryKit): string {
  return kit.accounts
    .flatMap(({ number, policy }) => (policy === null ? [] : [`policy of account ${number}:`, qrForTerminal(policy)]))
    .join('\n');
}

/** A page to print. */
export function kitPage(kit: RecoveryKit): string {
  const codes = kit.accounts.flatMap(({ number, policy }) =>
    policy === null ? [] : [`<figure>${qrAsSvg(policy)}<figcaption>policy of account ${number}</figcaption></figure>`],
  );
  return htmlPage(`Recovery kit of ${kit.wallet}`, `<pre>${escaped(kitText(kit))}</pre>\n${codes.join('\n')}`);
}

/** Numbered codes on a page to print. */
export function codesPage(title: string, parts: readonly string[]): string {
  const codes = parts.map(
    (text, index) => `<figure>${qrAsSvg(text)}<figcaption>${index + 1} of ${parts.length}</figcaption></figure>`,
  );
  return htmlPage(title, `<h1>${escaped(title)}</h1>\n${codes.join('\n')}`);
}

function htmlPage(title: string, body: string): string {
  const style =
    'body{font:14px sans-serif;margin:2em}pre{white-space:pre-wrap;overflow-wrap:anywhere}figure{display:inline-block;width:15em;margin:1em;break-inside:avoid}svg{width:100%}';
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head>\n<body>\n${body}\n</body></html>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
