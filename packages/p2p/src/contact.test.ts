import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Contact, type ChosenPeer } from './contact.ts';

const ready = (heardMs: number): ChosenPeer => ({ heardMs, isReady: true });
const gone = (heardMs: number): ChosenPeer => ({ heardMs, isReady: false });

test('Contact says nothing before a chosen peer was there', () => {
  const contact = new Contact();
  assert.equal(contact.update([], 0), null);
  assert.equal(contact.update([gone(0)], 50_000), null);
  assert.equal(contact.value, null);
  assert.deepEqual(contact.update([ready(60_000)], 60_000), { value: true, sinceMs: 60_000 });
});

test('Contact holds with two thirds of the chosen peers and is lost with fewer, since the last message', () => {
  const contact = new Contact();
  contact.update([ready(0), ready(0), ready(0)], 0);
  assert.equal(contact.update([ready(900), ready(900), gone(400)], 1000), null, 'two of three are enough');
  assert.deepEqual(contact.update([ready(900), gone(700), gone(400)], 1000), { value: false, sinceMs: 700 });
  assert.equal(contact.update([ready(5000), gone(700), gone(400)], 5000), null);
  assert.deepEqual(contact.update([ready(6000), ready(6000), gone(400)], 6000), { value: true, sinceMs: 6000 });
});

test('Contact: both sides of two to three of five are out of contact, the four of four to one are not', () => {
  const after = (left: number): boolean | null => {
    const contact = new Contact();
    contact.update([ready(0), ready(0), ready(0), ready(0)], 0);
    contact.update(
      [0, 1, 2, 3].map((index) => (index < left ? ready(100) : gone(50))),
      100,
    );
    return contact.value;
  };
  assert.deepEqual([after(1), after(2), after(3), after(4)], [false, false, true, true]);
});

test('Contact notices silence by itself, and dates the loss back', () => {
  const contact = new Contact();
  const peers = [ready(1000), ready(3000)];
  contact.update(peers, 3000);
  assert.equal(contact.nextMs(peers, 3000), 21_001);
  assert.equal(contact.update(peers, 21_000), null);
  assert.deepEqual(contact.update(peers, 21_001), { value: false, sinceMs: 1000 });
});

test('Contact: after a day the peers that are left are all there are', () => {
  const contact = new Contact();
  contact.update([ready(0), ready(0)], 0);
  contact.update([ready(10), gone(5)], 10);
  assert.equal(contact.update([ready(86_400_004), gone(5)], 86_400_004), null);
  assert.deepEqual(contact.update([ready(86_400_005), gone(5)], 86_400_005), { value: true, sinceMs: 86_400_005 });
});
