import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { type Leaf, leafCodec } from './condition.ts';
import { leaves } from './testing/arbitraries.ts';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const hex = (byte: string): string => byte.repeat(32);

const everyKind: Leaf = [
  { kind: 'key', publicKey: key(0xaa) },
  { kind: 'threshold', required: 2, publicKeys: [key(1), key(2), key(3)] },
  { kind: 'preimage', hash: key(0xbb) },
  { kind: 'after', height: 0x01020304 },
  { kind: 'older', blocks: 144 },
  { kind: 'idle' },
  { kind: 'announced' },
];

codecSuite('leaf (LED-1)', leafCodec, {
  values: leaves,
  vectors: [
    { name: 'one key', value: [{ kind: 'key', publicKey: key(0xaa) }], hex: `01 01${hex('aa')}` },
    {
      name: 'every kind of condition',
      value: everyKind,
      hex: `07 01${hex('aa')} 02 02 03${hex('01')}${hex('02')}${hex('03')} 03${hex('bb')} 04 04030201 05 90000000 06 07`,
    },
    {
      name: 'the least and the greatest numbers',
      value: [
        { kind: 'after', height: 0 },
        { kind: 'after', height: 2 ** 31 - 1 },
        { kind: 'older', blocks: 1 },
        { kind: 'older', blocks: 2 ** 31 - 1 },
      ],
      hex: '04 0400000000 04ffffff7f 0501000000 05ffffff7f',
    },
    {
      name: 'eight conditions',
      value: Array.from({ length: 8 }, () => ({ kind: 'idle' as const })),
      hex: '08 0606060606060606',
    },
    {
      name: 'sixteen keys, one of them twice',
      value: [
        { kind: 'threshold', required: 15, publicKeys: Array.from({ length: 15 }, (_, index) => key(index)) },
        { kind: 'key', publicKey: key(0) },
      ],
      hex: `02 02 0f 0f${Array.from({ length: 15 }, (_, index) => hex(`0${index.toString(16)}`)).join('')} 01${hex('00')}`,
    },
  ],
  refused: [
    { name: 'no conditions', hex: '00 00', reason: 'count-out-of-bounds' },
    { name: 'nine conditions', hex: '09 060606060606060606', reason: 'count-out-of-bounds' },
    { name: 'a condition of kind 0', hex: '01 00', reason: 'invalid-value' },
    { name: 'a condition of kind 8', hex: '01 08', reason: 'invalid-value' },
    { name: 'after(2^31)', hex: '01 0400000080', reason: 'invalid-value' },
    { name: 'older(0)', hex: '01 0500000000', reason: 'invalid-value' },
    { name: 'older(2^31)', hex: '01 0500000080', reason: 'invalid-value' },
    { name: 'a threshold of no keys', hex: '01 02 00 00', reason: 'count-out-of-bounds' },
    { name: 'a threshold of 0', hex: `01 02 00 01${hex('01')}`, reason: 'invalid-value' },
    { name: 'a threshold above its keys', hex: `01 02 02 01${hex('01')}`, reason: 'invalid-value' },
    { name: 'a key twice', hex: `01 02 01 02${hex('01')}${hex('01')}`, reason: 'invalid-value' },
    { name: 'keys in descending order', hex: `01 02 01 02${hex('02')}${hex('01')}`, reason: 'invalid-value' },
    {
      name: 'seventeen keys in one threshold',
      hex: `01 02 01 11${Array.from({ length: 17 }, (_, index) => hex(index.toString(16).padStart(2, '0'))).join('')}`,
      reason: 'count-out-of-bounds',
    },
    {
      name: 'seventeen keys in two conditions',
      hex: `02 02 01 10${Array.from({ length: 16 }, (_, index) => hex(`0${index.toString(16)}`)).join('')} 01${hex('00')}`,
      reason: 'count-out-of-bounds',
    },
  ],
});
