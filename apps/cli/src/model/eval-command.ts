// `rnt model eval`: the exact loss of a checkpoint on a text, as every node computes it.

import { selectBackend } from '@resonancenet/kernels/select-backend';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import { readCheckpoint } from '@resonancenet/training/checkpoint-file';
import { evaluateIds } from '@resonancenet/training/evaluate-ids';
import { readIds } from '@resonancenet/training/open-corpus';
import type { Command } from 'commander';
import { takeInterruptions } from '../interruption.ts';
import { backendOption, threadsOption, wholeNumber } from '../options.ts';
import { createProgress, duration, rate } from './progress.ts';

interface EvalOptions {
  readonly checkpoint: string;
  readonly data: string;
  readonly backend: string;
  readonly threads: number;
  readonly window: number;
  readonly json?: boolean;
}

const help = `
Examples:
  $ rnt model eval --checkpoint m.safetensors --data val.txt
  $ rnt model eval --checkpoint m.safetensors --data val.txt --backend reference --window 128 --json

The loss is an integer in micro-nats per token, the same from every backend and any number of threads.`;

export function addEvalCommand(model: Command): void {
  model
    .command('eval')
    .description('Exact loss of a checkpoint on a text')
    .requiredOption('--checkpoint <file>', 'model to evaluate')
    .requiredOption('--data <file>', 'text to evaluate on')
    .addOption(backendOption())
    .addOption(threadsOption())
    .option('--window <n>', 'tokens per window; state is empty at the start of each', wholeNumber(1, 1023), 256)
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(evaluate);
}

async function evaluate(options: EvalOptions): Promise<void> {
  const progress = createProgress(options.json === true);
  const checkpoint = readCheckpoint(options.checkpoint);
  const tokenizer = await loadTokenizer(checkpoint.vocabulary);
  const ids = readIds(options.data, tokenizer);
  const interruption = takeInterruptions();
  const backend = await selectBackend(options.backend, { threads: options.threads });
  try {
    const started = performance.now();
    const showProgress = (done: number, total: number): void => {
      const seconds = (performance.now() - started) / 1000;
      const tokens = Math.min(done * options.window, ids.length);
      progress.update(
        `${done}/${total} windows  ${rate(tokens / seconds)}  ${duration((seconds * (total - done)) / done)} left`,
      );
    };
    const { signal } = interruption;
    const { startId } = tokenizer;
    const result = await evaluateIds(backend, checkpoint, ids, options.window, startId, showProgress, signal);
    const tokensPerSecond = Math.round((ids.length * 1000) / (performance.now() - started));
    progress.end();
    const record = {
      valLoss: result.valLoss,
      valLossNats: result.valLoss / 1e6,
      sum: result.sum.toString(),
      tokens: ids.length,
      lossRoot: result.lossRoot,
      tokensPerSecond,
      backend: backend.name,
    };
    progress.record(record);
    if (options.json !== true)
      console.log(
        `loss ${record.valLossNats.toFixed(6)} nats per token (${record.valLoss} micro-nats) on ${ids.length.toLocaleString('en')} tokens\nloss root ${record.lossRoot}\n${rate(tokensPerSecond)}, ${backend.name} backend`,
      );
  } finally {
    progress.end();
    interruption.end();
    await backend.close();
  }
}
