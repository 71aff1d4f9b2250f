// The one closed list of reasons for which the wallet does not do what was asked: returned, with both numbers, never thrown.

import { showRnt } from './show-rnt.ts';

/** Facts that go with each code. Amounts in resonances, ids lower-case hex. */
export interface WalletFacts {
  readonly 'gap-limit': { readonly branch: string; readonly given: number; readonly limit: number };
  readonly 'no-more-keys': { readonly account: number; readonly branch: string; readonly first: number };
  readonly 'label-invalid': { readonly detail: string };
  readonly 'contact-name': { readonly name: string; readonly limit: number };
  readonly 'contact-taken': { readonly name: string; readonly address: string };
  readonly 'contact-known': { readonly name: string; readonly address: string };
  readonly 'contact-unknown': { readonly name: string };
  readonly 'contact-ambiguous': { readonly name: string; readonly count: number };
  readonly 'nothing-to-do': { readonly detail: string };
  readonly 'output-not-payable': { readonly output: number; readonly detail: string };
  readonly 'output-dust': { readonly output: number; readonly amount: bigint; readonly least: bigint };
  readonly 'amount-range': { readonly sum: bigint; readonly limit: bigint };
  readonly 'insufficient-funds': {
    readonly available: bigint;
    readonly required: bigint;
    /** Not counted in `available`. */
    readonly locked: bigint;
    readonly immature: bigint;
    readonly unconfirmed: bigint;
  };
  readonly 'too-many-inputs': { readonly limit: number; readonly reachable: bigint; readonly required: bigint };
  readonly 'coin-unknown': { readonly outpoint: string };
  readonly 'coin-unavailable': { readonly outpoint: string; readonly status: string };
  readonly 'fee-rate-too-low': { readonly rate: bigint; readonly least: bigint };
  readonly 'fee-too-low': { readonly fee: bigint; readonly required: bigint };
  readonly 'fee-too-high': { readonly fee: bigint; readonly limit: bigint };
  readonly 'transaction-too-large': { readonly bytes: number; readonly limit: number };
  readonly 'reference-used': { readonly reference: string; readonly txid: string; readonly detail: string };
  readonly 'not-pending': { readonly txid: string };
  readonly 'not-replaceable': { readonly txid: string; readonly detail: string };
  readonly 'wrong-policy': { readonly expected: string; readonly found: string };
  readonly 'too-early': { readonly opens: number; readonly next: number };
  readonly 'no-announcement': Record<never, never>;
  readonly 'nothing-to-recover': Record<never, never>;
  readonly returned: { readonly deadline: number; readonly next: number };
  readonly 'owner-only': { readonly returns: number | null; readonly next: number };
  readonly 'not-the-heir': { readonly opens: number | null; readonly next: number };
  readonly 'fee-above-recovery-limit': { readonly fee: bigint; readonly limit: bigint };
}

export type WalletCode = keyof WalletFacts;

/** A refusal: narrow on `code` to read `facts`. */
export type WalletProblem = {
  [C in WalletCode]: { readonly ok: false; readonly code: C; readonly facts: WalletFacts[C] };
}[WalletCode];

export function walletProblem<C extends WalletCode>(code: C, facts: WalletFacts[C]): WalletProblem {
  return { ok: false, code, facts } as unknown as WalletProblem;
}

type Explanations = { readonly [C in WalletCode]: (facts: WalletFacts[C]) => string };

const explanations: Explanations = {
  'gap-limit': (f) =>
    `${f.given} addresses of the branch ${f.branch} were given out and not paid, at most ${f.limit} may be: a restore would not find more. Use one of them`,
  'no-more-keys': (f) =>
    `the keys of account ${f.account} end at ${f.first} on the branch ${f.branch}: export further ones with the signer`,
  'label-invalid': (f) => f.detail,
  'contact-name': (f) =>
    `'${f.name.slice(0, 80)}' cannot be a name of the address book: a letter or a digit, then letters, digits, spaces and . _ ' -, at most ${f.limit} bytes`,
  'contact-taken': (f) => `'${f.name}' is the name of ${f.address} already: take it out of the address book first`,
  'contact-known': (f) => `${f.address} is in the address book as '${f.name}': take that out first`,
  'contact-unknown': (f) => `there is no '${f.name.slice(0, 80)}' in the address book`,
  'contact-ambiguous': (f) => `${f.count} addresses are called '${f.name}': give the address itself`,
  'nothing-to-do': (f) => f.detail,
  'output-not-payable': (f) => `payment ${f.output + 1}: ${f.detail}`,
  'output-dust': (f) =>
    `payment ${f.output + 1} is of ${showRnt(f.amount)}; below ${showRnt(f.least)} spending it costs more than it holds`,
  'amount-range': (f) => `the payments sum up to ${showRnt(f.sum)}, there are at most ${showRnt(f.limit)}`,
  'insufficient-funds': (f) =>
    `${showRnt(f.required)} are needed with the fee, ${showRnt(f.available)} can be spent now${besides(f)}`,
  'too-many-inputs': (f) =>
    `a transaction takes at most ${f.limit} of these coins, which hold ${showRnt(f.reachable)} of the needed ${showRnt(f.required)}: pay in parts, or join coins first by sending all to yourself`,
  'coin-unknown': (f) => `the output ${f.outpoint} is none of the account's coins`,
  'coin-unavailable': (f) => `the coin ${f.outpoint} cannot be spent: it is ${f.status}`,
  'fee-rate-too-low': (f) => `a fee rate of ${f.rate} per 1,000 bytes, at least ${f.least} is relayed`,
  'fee-too-low': (f) => `a fee of ${showRnt(f.fee)}, it must be at least ${showRnt(f.required)}`,
  'fee-too-high': (f) =>
    `a fee of ${showRnt(f.fee)}, the limit is ${showRnt(f.limit)}: raise the limit if that is what you want`,
  'transaction-too-large': (f) => `${f.bytes} bytes, at most ${f.limit} are allowed: pay in parts`,
  'reference-used': (f) =>
    `the reference '${f.reference}' is that of payment ${f.txid}, and ${f.detail}: nothing is paid. Look at that payment; another one needs another reference`,
  'not-pending': (f) => `transaction ${f.txid} is not waiting for a block`,
  'not-replaceable': (f) => `transaction ${f.txid} cannot be replaced: ${f.detail}`,
  'wrong-policy': (f) => `this needs an account with the policy ${f.expected}; the account's is ${f.found}`,
  'too-early': (f) => `too early: opens at height ${f.opens}, the next block is ${f.next}`,
  'no-announcement': () => 'no announcement stands for this account: the guardians must make one first',
  'nothing-to-recover': () => 'the account has no coins that this can reach',
  returned: (f) =>
    `the account's coins return to the emission pool at height ${f.deadline}, the next block is ${f.next}: nobody can spend them any more`,
  'owner-only': (f) =>
    f.returns === null
      ? 'nobody but the owner can take coins under emission return, and there are none'
      : `nobody but the owner can take coins under emission return: the first of them return to the emission at height ${f.returns}, the next block is ${f.next}`,
  'not-the-heir': (f) =>
    `the account names another heir: use the key that its owner was given${f.opens === null ? '' : `. For that heir it opens at height ${f.opens}, the next block is ${f.next}`}`,
  'fee-above-recovery-limit': (f) =>
    `a fee of ${showRnt(f.fee)}; a recovery by guardians pays at most ${showRnt(f.limit)} (LED-18)`,
};

/** All codes. */
export const WALLET_CODES: readonly WalletCode[] = Object.keys(explanations) as WalletCode[];

/** The refusal in words, with both numbers. */
export function explainWalletProblem({ code, facts }: WalletProblem): string {
  return (explanations[code] as (facts: unknown) => string)(facts);
}

function besides({ locked, immature, unconfirmed }: WalletFacts['insufficient-funds']): string {
  const parts = [
    ...(locked > 0n ? [`${showRnt(locked)} locked by you`] : []),
    ...(immature > 0n ? [`${showRnt(immature)} immature`] : []),
    ...(unconfirmed > 0n ? [`${showRnt(unconfirmed)} unconfirmed`] : []),
  ];
  return parts.length === 0 ? '' : ` (besides ${parts.join(', ')})`;
}
