// The three strategies in plain words, side by side.

import type { NetworkParams } from '@resonancenet/params/network-params';
import { blocksText, type ChainNow } from './block-time.ts';

export const STRATEGIES = ['heartbeat', 'social', 'emission-return'] as const;
export type Strategy = (typeof STRATEGIES)[number];

interface Row {
  readonly name: string;
  readonly cells: readonly [string, string, string];
}

const WIDTH = 27;
const NAME_WIDTH = 12;

/** A page of the three, for a terminal of 100 columns. */
export function strategiesText({ recovery }: NetworkParams, now: ChainNow): string {
  const rows: readonly Row[] = [
    { name: '', cells: ['1 heartbeat', '2 social', '3 emission-return'] },
    {
      name: 'in short',
      cells: [
        'If you are silent for long, your heir can take the coins.',
        'Some of your guardians together can move the coins to a new wallet of yours.',
        'If you are silent for long, the coins go back to the network.',
      ],
    },
    {
      name: 'protects from',
      cells: [
        'Your death, and the loss of words and device.',
        'The loss of words and device; you need not wait for years.',
        'Nothing that happens to you. Nobody but you can ever spend.',
      ],
    },
    {
      name: 'costs',
      cells: [
        'A sign of life in every interval: a small fee, and the wallet has to be unlocked for it.',
        'Trust: as many guardians as you name can act against you. You must look in while they wait.',
        'Lost words are lost coins. A sign of life, or a payment, before the time is over.',
      ],
    },
    {
      name: 'who, when',
      cells: [
        'The heir, after interval and timeout without a sign of life from you.',
        'The guardians, after a waiting time in which one sign of life of yours stops them.',
        'Nobody; the coins can be mined again.',
      ],
    },
    {
      name: 'you enter',
      cells: [
        'interval, timeout and the key text of the heir (rnt wallet show-key recovery)',
        'waiting time, how many must sign, key texts of the guardians (rnt wallet show-key guardian)',
        'the number of blocks',
      ],
    },
    {
      name: 'limits',
      cells: [
        `interval from ${blocksText(recovery.heartbeatIntervalMin, now)} to ${blocksText(recovery.heartbeatIntervalMax, now)}; timeout from ${blocksText(recovery.heartbeatTimeoutMin, now)} to ${blocksText(recovery.heartbeatTimeoutMax, now)}`,
        `waiting time from ${blocksText(recovery.socialWaitMin, now)}; 1 to 16 guardians`,
        `from ${blocksText(recovery.emissionReturnMin, now)}`,
      ],
    },
  ];
  return rows.map(rowText).join('\n\n');
}

function rowText({ name, cells }: Row): string {
  const columns = cells.map((cell) => wrapped(cell, WIDTH));
  const height = Math.max(...columns.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const parts = columns.map((column) => (column[line] ?? '').padEnd(WIDTH + 2));
    return `${(line === 0 ? name : '').padEnd(NAME_WIDTH + 2)}${parts.join('')}`.trimEnd();
  }).join('\n');
}

/** Lines of at most so many characters, broken between words. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
