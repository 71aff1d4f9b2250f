// The deterministic script of the crash suite: blocks made once, and the steps in which a node meets them. It extends a chain, reorganises
// it there and back, meets a liar, mines blocks of its own, obeys its operator, and lets finality and pruning do their work. What the blocks hold
// crash-story.ts tells.

import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { chunkyParams, type SampleBlock } from '@resonancenet/chain/testing/sample-blocks';
import type { SpendingBlock } from '@resonancenet/chain/testing/spending-blocks';
import { CHUNK_BYTES } from '@resonancenet/model/checkpoint';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type BlockHeader, headerCodec } from '@resonancenet/primitives/header';
import { Story } from './crash-story.ts';

/** Checkpoints of two chunks; no spacing, so that nothing waits for a clock; deadlines and votes that a few blocks reach. */
export const crashParams: NetworkParams = {
  ...chunkyParams,
  name: 'crash',
  baseShape: { width: 172, layers: 1 },
  capShape: { width: 172, layers: 1 },
  spacingBase: 0,
  coinbaseMaturity: 2,
  recovery: {
    ...chunkyParams.recovery,
    heartbeatIntervalMin: 1,
    heartbeatTimeoutMin: 1,
    socialWaitMin: 1,
    emissionReturnMin: 3,
    builtInReturn: 12,
  },
  rotation: { window: 3, lockIn: 2, delay: 6, notice: 2, cancel: 2, expiry: 4, bond: 50_000_000_000n },
};

export type ScriptStep =
  /** A peer announces the block, and sends what it is then asked for. */
  | { readonly do: 'announce'; readonly block: number }
  /** Our own miner: the file comes from our disk, header and body from ourselves. */
  | { readonly do: 'mine'; readonly block: number }
  | { readonly do: 'invalidate' | 'reconsider'; readonly block: number }
  | { readonly do: 'wait'; readonly ms: number }
  /** The ledger is rebuilt. */
  | { readonly do: 'rebuild' }
  /** The state of the last final block becomes a file. */
  | { readonly do: 'export' }
  /** That file is taken over as the state. */
  | { readonly do: 'import' };

interface StoredScriptBlock {
  readonly id: string;
  readonly header: string;
  readonly body: string;
  readonly root: string;
  readonly dvalId: string;
  /** What an exact evaluation finds. */
  readonly truth: readonly number[];
  readonly branches: readonly (readonly string[])[];
  readonly fileOffset: number;
  readonly fileLength: number;
}

interface StoredScript {
  readonly blocks: readonly StoredScriptBlock[];
  readonly steps: readonly ScriptStep[];
}

export interface ScriptBlock {
  readonly id: string;
  readonly header: BlockHeader;
  readonly body: Uint8Array;
  readonly root: string;
  readonly dvalId: string;
  readonly truth: readonly number[];
  readonly branches: readonly (readonly Uint8Array[])[];
  chunk(index: number): Uint8Array;
  file(): Uint8Array;
}

export interface CrashScript {
  readonly blocks: readonly ScriptBlock[];
  readonly steps: readonly ScriptStep[];
}

/** Builds the script into a folder. About 3 s: done once per run of the suite. */
export function writeCrashScript(folder: string): void {
  const blocks: SampleBlock[] = [];
  const truths = new Map<SampleBlock, readonly number[]>();
  const steps: ScriptStep[] = [];
  const deliver = (block: SampleBlock, mined = false): void => {
    steps.push({ do: mined ? 'mine' : 'announce', block: blocks.length });
    blocks.push(block);
  };
  const story = new Story(crashParams);
  let tip: SpendingBlock | null = null;
  for (let round = 0; round < 4; round++) {
    const seed = 100 * (round + 1);
    // Three blocks, the second of our own.
    const trunk: SpendingBlock[] = story.chain(tip, 3, { seed, gain: 5_000 });
    for (const [index, block] of trunk.entries()) deliver(block, index === 1);
    // A better branch from the first of them, two deep, and the trunk again, which grew better still.
    for (const block of story.chain(trunk[0]!, 2, { seed: seed + 1, gain: 6_000 })) deliver(block);
    const longer = story.chain(trunk[2]!, 2, { seed: seed + 2, gain: 9_000 });
    for (const block of longer) deliver(block);
    // A liar on the tip, whose claim the evaluation refutes.
    const liar = story.block(longer[1]!, { seed: seed + 3, gain: 20_000 });
    truths.set(
      liar,
      liar.sums.map((sum) => sum + 1),
    );
    deliver(liar);
    // One that pays itself too much, which the ledger refuses.
    deliver(story.block(longer[1]!, { seed: seed + 4, gain: 19_000, greed: 1n }));
    // The operator forbids both, so that the other branch is followed, and changes his mind.
    const taken = blocks.indexOf(longer[0]!);
    steps.push({ do: 'invalidate', block: taken }, { do: 'wait', ms: 5 }, { do: 'reconsider', block: taken });
    tip = longer[1]!;
    if (round % 2 === 1) steps.push({ do: 'rebuild' });
  }
  // Everything that was decided becomes final, and what lost is dropped.
  for (const [index, block] of story.chain(tip, 9, { seed: 9_000, gain: 5_000 }).entries())
    deliver(block, index % 4 === 3);
  steps.push({ do: 'export' }, { do: 'import' });
  // Facts that no block's write took along are written.
  steps.push({ do: 'wait', ms: 11_000 });
  save(folder, blocks, truths, steps);
}

function save(
  folder: string,
  blocks: readonly SampleBlock[],
  truths: ReadonlyMap<SampleBlock, readonly number[]>,
  steps: readonly ScriptStep[],
): void {
  let fileOffset = 0;
  const stored = blocks.map((block): StoredScriptBlock => {
    const entry = {
      id: block.id,
      header: toHex(encode(headerCodec, block.header)),
      body: toHex(block.body),
      root: block.file.root,
      dvalId: toHex(block.header.dvalId),
      truth: truths.get(block) ?? block.sums,
      branches: block.file.chunks.map(({ branch }) => branch.map(toHex)),
      fileOffset,
      fileLength: block.file.bytes.length,
    };
    fileOffset += block.file.bytes.length;
    return entry;
  });
  writeFileSync(join(folder, 'files.bin'), Buffer.concat(blocks.map((block) => block.file.bytes)));
  writeFileSync(join(folder, 'script.json'), JSON.stringify({ blocks: stored, steps } satisfies StoredScript));
}

export function readCrashScript(folder: string): CrashScript {
  const { blocks, steps } = JSON.parse(readFileSync(join(folder, 'script.json'), 'utf8')) as StoredScript;
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    const file = openSync(join(folder, 'files.bin'), 'r');
    readSync(file, bytes, 0, length, offset);
    closeSync(file);
    return bytes;
  };
  return {
    steps,
    blocks: blocks.map((block): ScriptBlock => {
      const header = decode(headerCodec, fromHex(block.header));
      if (!header.ok) throw header.error;
      const { fileOffset, fileLength } = block;
      return {
        ...block,
        header: header.value,
        body: fromHex(block.body),
        branches: block.branches.map((branch) => branch.map(fromHex)),
        chunk: (index) =>
          read(fileOffset + index * CHUNK_BYTES, Math.min(CHUNK_BYTES, fileLength - index * CHUNK_BYTES)),
        file: () => read(fileOffset, fileLength),
      };
    }),
  };
}
