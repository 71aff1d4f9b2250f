// The address book: labels of the kind `payee`, read by name. A name that pays is the name of one address.

import { utf8 } from '@resonancenet/bytes/utf8';
import { MAX_CONTACT_NAME } from '@resonancenet/keys/backup-content';
import { readLabel, setLabel, walkLabels } from './labels.ts';
import { type WalletProblem, walletProblem } from './wallet-problem.ts';
import type { WalletReader, WalletView } from './wallet-view.ts';

/** Letters and digits of any script first; no `=`, which stands between a payment's name and its amount. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._'-]*$/u;

export interface NamedAddress {
  readonly name: string;
  readonly address: string;
}

/** The address book, by name. */
export function listContacts(view: WalletReader): NamedAddress[] {
  const all = Array.from(walkLabels(view, 'payee'), ({ name, label }) => ({ name: label, address: name }));
  return all.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Puts an address, as its text, into the address book. A name is not moved to another address: take it away first. */
export function addContact(view: WalletView, { name, address }: NamedAddress): WalletProblem | null {
  if (!NAME.test(name) || name.endsWith(' ') || utf8(name).length > MAX_CONTACT_NAME)
    return walletProblem('contact-name', { name, limit: MAX_CONTACT_NAME });
  const other = addressesOf(view, name).find((known) => known !== address);
  if (other !== undefined) return walletProblem('contact-taken', { name, address: other });
  const known = readLabel(view, 'payee', address);
  if (known !== null && known !== name) return walletProblem('contact-known', { name: known, address });
  return setLabel(view, { kind: 'payee', name: address, label: name });
}

/** Whether there was one. */
export function removeContact(view: WalletView, name: string): boolean {
  const addresses = addressesOf(view, name);
  for (const address of addresses) setLabel(view, { kind: 'payee', name: address, label: '' });
  return addresses.length > 0;
}

export type FoundContact = { readonly ok: true; readonly address: string } | WalletProblem;

/** The address of a name. */
export function findContact(view: WalletReader, name: string): FoundContact {
  const [address, ...others] = addressesOf(view, name);
  if (address === undefined) return walletProblem('contact-unknown', { name });
  return others.length === 0
    ? { ok: true, address }
    : walletProblem('contact-ambiguous', { name, count: 1 + others.length });
}

function addressesOf(view: WalletReader, name: string): string[] {
  return Array.from(walkLabels(view, 'payee'))
    .filter(({ label }) => label === name)
    .map(({ name: address }) => address);
}
