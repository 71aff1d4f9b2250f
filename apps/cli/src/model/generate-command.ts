// `rnt model generate`: text from a checkpoint.

import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import { readCheckpoint } from '@resonancenet/training/checkpoint-file';
import { generateText } from '@resonancenet/training/generate';
import type { Command } from 'commander';
import { takeInterruptions } from '../interruption.ts';
import { backendOption, decimal, defaultThreads, seedOption, threadsOption, wholeNumber } from '../options.ts';
import { rate } from './progress.ts';

interface GenerateOptions {
  readonly checkpoint: string;
  readonly prompt: string;
  readonly tokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
  readonly threads: number;
  readonly backend: string;
  readonly json?: boolean;
}

const help = `
Examples:
  $ rnt model generate --checkpoint m.safetensors --prompt 'Once upon a time' --tokens 200
  $ rnt model generate --checkpoint m.safetensors --prompt 'ROMEO:' --tokens 400 --temperature 0.7 --top-k 40 --seed 7 --json`;

/** A sequential model gains nothing from many threads. */
const generateThreads = Math.min(2, defaultThreads);

export function addGenerateCommand(model: Command): void {
  model
    .command('generate')
    .description('Text from a checkpoint')
    .requiredOption('--checkpoint <file>', 'model to generate with')
    .option('--prompt <text>', 'text to go on from', '')
    .option('--tokens <n>', 'tokens to make', wholeNumber(1, 1e9), 200)
    .option('--temperature <t>', '0 takes the likeliest token, 1 samples as the model says', decimal(0, 100), 0.8)
    .option('--top-k <k>', 'only the k likeliest tokens; 0 for all', wholeNumber(0, 65_536), 0)
    .option('--top-p <p>', 'only the likeliest tokens that together reach this probability', decimal(1e-9, 1), 1)
    .addOption(seedOption('the same seed gives the same text'))
    .addOption(threadsOption(generateThreads))
    .addOption(backendOption())
    .option('--json', 'one JSON object at the end instead of text as it comes')
    .addHelpText('after', help)
    .action(generate);
}

/** On a terminal control characters could move the cursor or worse: whoever trained the model chose them. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '\ufffd');
}

/** Writes and waits for a slow reader, so that text that nobody takes does not pile up. */
async function print(text: string): Promise<void> {
  const shown = process.stdout.isTTY ? harmless(text) : text;
  if (!process.stdout.write(shown)) await once(process.stdout, 'drain');
}

/** The event loop gets a turn this often: Ctrl-C and a closed output are seen then. */
const turnEveryMs = 20;

async function generate(options: GenerateOptions): Promise<void> {
  const checkpoint = readCheckpoint(options.checkpoint);
  const tokenizer = await loadTokenizer(checkpoint.vocabulary);
  const interruption = takeInterruptions();
  const backend = await selectBackend(options.backend, { threads: options.threads });
  try {
    const decoder = await backend.decoder(checkpoint);
    const json = options.json === true;
    if (!json) await print(options.prompt);
    const started = performance.now();
    const pieces: string[] = [];
    let turnAt = started;
    for (const piece of generateText(decoder, tokenizer, options)) {
      if (json) pieces.push(piece);
      else await print(piece);
      if (performance.now() - turnAt < turnEveryMs) continue;
      await setImmediate();
      if (interruption.signal.aborted && !json) await print('\n');
      interruption.signal.throwIfAborted();
      turnAt = performance.now();
    }
    const fed = options.tokens + tokenizer.encode(options.prompt).length;
    const tokensPerSecond = Math.round((fed * 1000) / (performance.now() - started));
    if (json) {
      const record = { text: pieces.join(''), tokens: options.tokens, tokensPerSecond, seed: options.seed };
      console.log(JSON.stringify(record));
    } else {
      await print('\n');
      console.error(`(${options.tokens} tokens, ${rate(tokensPerSecond)})`);
    }
    await decoder.close();
  } finally {
    interruption.end();
    await backend.close();
  }
}
