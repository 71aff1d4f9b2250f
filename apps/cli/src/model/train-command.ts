// `rnt model train`: its options and help. The work is in train.ts.

import { defaultRecipe } from '@resonancenet/training/recipe';
import type { Command } from 'commander';
import { backendOption, collect, decimal, seedOption, threadsOption, wholeNumber } from '../options.ts';
import { train } from './train.ts';

const help = `
Examples:
  $ rnt model train --data 'texts/**/*.txt' --val val.txt --config d=128,layers=4,vocab=bytes --epochs 1 --out m.safetensors
  $ rnt model train --data book.txt --config d=64,layers=2,vocab=bytes --tokens 2000000 --out book.safetensors --json
  $ rnt model train --data more/ notes.txt --from book.safetensors --steps 500 --out better.safetensors
  $ rnt model train --data book.txt --config d=64,layers=2,vocab=bytes --tokens 2000000 --out book.safetensors --resume

Ctrl-C writes the checkpoint and the state of the run; so does the run itself every two minutes, and kill -9 at any moment loses
only what came after that. The same command with --resume goes on at the same batch and, with the same backend and threads, ends on
the same bytes.

Beside --out stand <out>.state (what --resume needs: six times the size of the checkpoint, a few hundred bytes when the run is done),
<out>.lock while a run is at work, and for the GPT-2 vocabulary .rnt-ids/ with the texts' tokens, which may be deleted at any time.
Of folders and globs only text is taken, without hidden files; --val and the run's own files are never trained on.`;

export function addTrainCommand(model: Command): void {
  model
    .command('train')
    .description('Train a model on text files, folders or globs')
    .requiredOption('--data <path...>', 'text to train on: files, folders or quoted globs; may be repeated', collect)
    .option('--val <file>', 'text that is never trained on; its exact loss is reported')
    .option('--config <shape>', "a new model: 'genesis', 'devnet' or d=128,layers=4,vocab=bytes|gpt2")
    .option('--from <file>', 'go on from a checkpoint instead of a new model')
    .requiredOption('--out <file>', 'checkpoint to write (safetensors)')
    .option('--steps <n>', 'updates to do', wholeNumber(1, 1e9))
    .option('--tokens <n>', 'tokens to train on', wholeNumber(1, 1e15))
    .option('--epochs <n>', 'passes over the text; 0.5 is half of one', decimal(0, 1e6))
    .option('--batch <n>', 'windows per update', wholeNumber(1, 4096), 8)
    .option('--window <n>', 'tokens per window (validation: at most 1023)', wholeNumber(1, 65_536), 256)
    .option(
      '--lr <rate>',
      `peak rate of the matrices (Muon); the others follow in proportion (default: ${defaultRecipe.muonLr})`,
      decimal(0, 10),
    )
    .option('--warmup <n>', `updates of warm-up (default: ${defaultRecipe.warmup})`, wholeNumber(0, 1e9))
    .option(
      '--decay <share>',
      `share of the run in which the rates fall to zero (default: ${defaultRecipe.decay})`,
      decimal(0, 1),
    )
    .option('--ema <factor>', 'write the moving average of the weights instead of the last ones', decimal(0, 0.99999))
    .addOption(seedOption('seed of weights and shuffling'))
    .addOption(threadsOption())
    .addOption(backendOption())
    .option('--eval-every <n>', 'exact validation loss every n updates', wholeNumber(1, 1e9))
    .option('--save-every <n>', 'write checkpoint and state every n updates', wholeNumber(1, 1e9))
    .option('--resume', 'go on with the run that wrote --out; begins one if there is none')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', help)
    .action(train);
}
