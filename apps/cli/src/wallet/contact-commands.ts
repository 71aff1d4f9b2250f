// `rnt wallet contact`: the address book.

import type { Command } from 'commander';
import { addVerb, table } from './wallet-verb.ts';

interface Contact {
  readonly name: string;
  readonly address: string;
}

export function addContactCommands(wallet: Command): void {
  const contact = wallet.command('contact').description('The address book: whoever pays can give @NAME instead');
  addVerb(contact, {
    usage: 'list',
    summary: 'The address book, by name',
    help: 'Examples:\n  $ rnt wallet contact list',
    run: (ask) => ask('listcontacts'),
    show: (contacts: Contact[]) =>
      contacts.length === 0
        ? 'The address book is empty; rnt wallet contact add NAME ADDRESS puts somebody in.'
        : table(contacts.map(({ name, address }) => [name, address])),
  });
  addVerb(contact, {
    usage: 'add <name> <address>',
    summary: 'Put somebody\u2019s address into the address book; each name and each address is there once',
    help: 'Examples:\n  $ rnt wallet contact add Anna rnt1q...\n  $ rnt wallet send @Anna 1.5\n  $ rnt wallet send-many @Anna=1 "@Boris K."=2',
    run: (ask, [name, address]) => ask('addcontact', { name, address }),
    show: ({ name, address }: Contact) => `@${name} is ${address}.`,
  });
  addVerb(contact, {
    usage: 'remove <name>',
    summary: 'Take somebody out of the address book',
    help: 'Examples:\n  $ rnt wallet contact remove Anna',
    run: (ask, [name]) => ask('removecontact', { name }),
    show: ({ name }: Contact) => `'${name}' is not in the address book any more.`,
  });
}
