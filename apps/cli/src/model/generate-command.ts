// `rnt model generate`: text from a checkpoint.

import { selectBackend } from '@resonancenet/kernels/select-backend';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import { readCheckpoint } from '@resonancenet/training/checkpoint-file';
import { generateText } from '@resonancenet/training/generate';
import type { Command } from 'commander';
import { decimal, defaultThreads, wholeNumber } from '../options.ts';
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

export function addGenerateCommand(model: Command): void {
  model
    .command('generate')
    .description('Text from a checkpoint')
    .requiredOption('--checkpoint <file>', 'model to generate with')
    .option('--prompt <text>', 'text to go on from', '')
    .option('--tokens <n>', 'tokens to make', wholeNumber(1, 1e7), 200)
    .option('--temperature <t>', '0 takes the likeliest token, 1 samples as the model says', decimal(0, 100), 0.8)
    .option('--top-k <k>', 'only the k likeliest tokens; 0 for all', wholeNumber(0, 65536), 0)
    .option('--top-p <p>', 'only the likeliest tokens that together reach this probability', decimal(1e-9, 1), 1)
    .option('--seed <n>', 'the same seed gives the same text', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--threads <n>', 'threads to compute with', wholeNumber(1, 256), Math.min(2, defaultThreads))
    .option('--backend <name>', 'auto, wasm or reference', 'auto')
    .option('--json', 'one JSON object at the end instead of text as it comes')
    .addHelpText('after', help)
    .action(generate);
}

async function generate(options: GenerateOptions): Promise<void> {
  const checkpoint = readCheckpoint(options.checkpoint);
  const tokenizer = await loadTokenizer(checkpoint.vocabulary);
  const backend = await selectBackend(options.backend, { threads: options.threads });
  try {
    const decoder = await backend.decoder(checkpoint);
    const json = options.json === true;
    if (!json) process.stdout.write(options.prompt);
    const started = performance.now();
    let text = '';
    for (const piece of generateText(decoder, tokenizer, options)) {
      text += piece;
      if (!json) process.stdout.write(piece);
    }
    const fed = options.tokens + tokenizer.encode(options.prompt).length;
    const tokensPerSecond = Math.round((fed * 1000) / (performance.now() - started));
    if (json) console.log(JSON.stringify({ text, tokens: options.tokens, tokensPerSecond, seed: options.seed }));
    else {
      process.stdout.write('\n');
      console.error(`(${options.tokens} tokens, ${rate(tokensPerSecond)})`);
    }
    await decoder.close();
  } finally {
    await backend.close();
  }
}
