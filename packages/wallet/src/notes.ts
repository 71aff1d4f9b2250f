// What the chain does not know of a wallet, as a backup keeps it (WAL-18): labels, address book, addresses given out.

import { utf8 } from '@resonancenet/bytes/utf8';
import {
  type BackupLabel,
  compareTexts,
  type Contact,
  MAX_BACKUP_CONTACTS,
  MAX_BACKUP_LABELS,
  MAX_CONTACT_NAME,
} from '@resonancenet/keys/backup-content';
import type { WalletNotes } from '@resonancenet/keys/wallet-notes';
import type { AddressParams } from '@resonancenet/primitives/address';
import { BRANCHES } from './account-branch.ts';
import { labelKindOf } from './label-kind.ts';
import { type Label, LABEL_KINDS, readLabel, setLabel, walkLabels } from './labels.ts';
import { markHanded, nextIndex } from './next-address.ts';
import type { WalletAccounts } from './wallet-accounts.ts';
import type { WalletReader, WalletView } from './wallet-view.ts';

export interface ExportedNotes {
  readonly notes: WalletNotes;
  /** Labels that found no place: there are more than a backup holds. */
  readonly omitted: number;
}

export function exportNotes(view: WalletReader, accounts: WalletAccounts, fingerprint: Uint8Array): ExportedNotes {
  const given = accounts.all.map((account) => ({
    account: account.number,
    nextReceive: nextIndex(view, account, 'receive'),
    nextChange: nextIndex(view, account, 'change'),
  }));
  const payees = [...walkLabels(view, 'payee')];
  const contacts = contactsOf(payees);
  const booked = new Set(contacts.map(({ text }) => text));
  const others = LABEL_KINDS.filter((kind) => kind !== 'payee').flatMap((kind) => [...walkLabels(view, kind)]);
  const labels = labelsOf([...others, ...payees.filter(({ name }) => !booked.has(name))]);
  const kept = {
    labels: labels.slice(0, MAX_BACKUP_LABELS),
    contacts: contacts.slice(0, MAX_BACKUP_CONTACTS),
  };
  const omitted = labels.length - kept.labels.length + contacts.length - kept.contacts.length;
  return { notes: { fingerprint, given, ...kept }, omitted };
}

/** Names of the address book that stand once and are no longer than a backup's; the others are labels. */
function contactsOf(payees: readonly Label[]): Contact[] {
  const byName = new Map<string, Contact>();
  for (const { name, label } of payees)
    if (utf8(label).length <= MAX_CONTACT_NAME && !byName.has(label)) byName.set(label, { name: label, text: name });
  return [...byName.values()].sort((a, b) => compareTexts(a.name, b.name));
}

function labelsOf(labels: readonly Label[]): BackupLabel[] {
  const bySubject = new Map<string, BackupLabel>();
  for (const { name, label } of labels) if (!bySubject.has(name)) bySubject.set(name, { subject: name, text: label });
  return [...bySubject.values()].sort((a, b) => compareTexts(a.subject, b.subject));
}

/** Takes over what a wallet does not know yet; what it knows stays. How many labels and contacts could not be read. */
export function importNotes(
  view: WalletView,
  accounts: WalletAccounts,
  { given, labels, contacts }: WalletNotes,
  params: AddressParams,
): number {
  for (const { account: number, nextReceive, nextChange } of given) {
    const account = accounts.get(number);
    if (account === null) continue;
    const next = { receive: nextReceive, change: nextChange };
    for (const branch of BRANCHES) if (next[branch] > 0) markHanded(view, account, branch, next[branch] - 1);
  }
  const all = [...labels, ...contacts.map(({ name, text }) => ({ subject: text, text: name }))];
  let unread = 0;
  for (const { subject, text } of all) {
    const result = labelKindOf(subject, accounts, params);
    if (!result.ok) unread++;
    else if (readLabel(view, result.kind, subject) === null) {
      if (setLabel(view, { kind: result.kind, name: subject, label: text }) !== null) unread++;
    }
  }
  return unread;
}
