import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { encodeAddress } from '@resonancenet/primitives/address';
import { addContact, findContact, listContacts, removeContact } from './contacts.ts';
import { readLabel, setLabel } from './labels.ts';
import { nextIndex, takeNextAddress } from './next-address.ts';
import { exportNotes, importNotes } from './notes.ts';
import { MemoryWallet } from './testing/memory-wallet.ts';
import { accountKinds } from './testing/test-wallet.ts';
import { WalletAccounts } from './wallet-accounts.ts';

const account = accountKinds.emissionReturn('own');
const stranger = accountKinds.emissionReturn('stranger');
const accounts = new WalletAccounts([account]);
const fingerprint = Uint8Array.of(1, 2, 3, 4);
const addressOf = (of: typeof account, index: number): string =>
  encodeAddress(regtest.addressPrefix, of.destination('receive', index)!);

test('what the owner wrote goes into a backup and comes back, each to where it was', () => {
  const view = new MemoryWallet();
  for (let more = 0; more < 3; more++) assert.ok(takeNextAddress(view, account, 'receive').ok);
  const [own, anna, boris] = [addressOf(account, 0), addressOf(stranger, 0), addressOf(stranger, 1)];
  const id = 'ab'.repeat(32);
  assert.equal(setLabel(view, { kind: 'address', name: own, label: 'rent' }), null);
  assert.equal(setLabel(view, { kind: 'transaction', name: id, label: 'car' }), null);
  assert.equal(setLabel(view, { kind: 'output', name: `${id}:3`, label: 'change' }), null);
  assert.equal(addContact(view, { name: 'Anna', address: anna }), null);
  // A second address of the same name can only be a label there.
  assert.equal(setLabel(view, { kind: 'payee', name: boris, label: 'Anna' }), null);
  const { notes, omitted } = exportNotes(view, accounts, fingerprint);
  assert.equal(omitted, 0);
  assert.deepEqual(notes.given, [{ account: 0, nextReceive: 3, nextChange: 0 }]);
  assert.equal(notes.contacts.length, 1);
  const again = new MemoryWallet();
  assert.equal(importNotes(again, accounts, notes, regtest), 0);
  assert.equal(again.dump(), view.dump());
  assert.equal(nextIndex(again, account, 'receive'), 3);
});

test('notes do not overwrite what is known, and what they name wrongly is counted', () => {
  const view = new MemoryWallet();
  const own = addressOf(account, 0);
  setLabel(view, { kind: 'address', name: own, label: 'new' });
  const labels = [
    { subject: own, text: 'old' },
    { subject: 'zzz', text: 'nothing' },
  ];
  const given = [{ account: 9, nextReceive: 1, nextChange: 1 }];
  assert.equal(importNotes(view, accounts, { fingerprint, given, labels, contacts: [] }, regtest), 1);
  assert.equal(readLabel(view, 'address', own), 'new');
});

test('a name of the address book pays one address', () => {
  const view = new MemoryWallet();
  const [first, second] = [addressOf(stranger, 0), addressOf(stranger, 1)];
  assert.equal(addContact(view, { name: 'Anna', address: first }), null);
  assert.equal(addContact(view, { name: 'Anna', address: first }), null);
  assert.equal(addContact(view, { name: 'Anna', address: second })?.code, 'contact-taken');
  assert.equal(addContact(view, { name: 'Boris', address: first })?.code, 'contact-known');
  for (const name of ['', '@x', 'a=b', 'a ', 'a\u202eb', 'x'.repeat(65)])
    assert.equal(addContact(view, { name, address: second })?.code, 'contact-name', JSON.stringify(name));
  assert.equal(addContact(view, { name: 'Özlem 2', address: second }), null);
  assert.deepEqual(
    listContacts(view).map(({ name }) => name),
    ['Anna', 'Özlem 2'],
  );
  assert.deepEqual(findContact(view, 'Anna'), { ok: true, address: first });
  assert.equal(removeContact(view, 'Anna'), true);
  assert.equal(removeContact(view, 'Anna'), false);
  assert.equal((findContact(view, 'Anna') as { code: string }).code, 'contact-unknown');
  for (const index of [2, 3]) setLabel(view, { kind: 'payee', name: addressOf(stranger, index), label: 'twice' });
  assert.equal((findContact(view, 'twice') as { code: string }).code, 'contact-ambiguous');
});
