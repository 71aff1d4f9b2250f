// `rnt model train` at work: everything checked and opened, in the order in which mistakes are cheapest, then the run.

import { dirname, join, resolve } from 'node:path';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { type FileLock, lockFile } from '@resonancenet/storage/file-lock';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import type { Corpus } from '@resonancenet/training/corpus';
import { openCorpus, readIds } from '@resonancenet/training/open-corpus';
import type { TextSources } from '@resonancenet/training/text-sources';
import { createLoader } from '@resonancenet/training/window-loader';
import { partialPath, WriteFileError } from '@resonancenet/training/write-file';
import { takeInterruptions } from '../interruption.ts';
import { prepareOut } from '../out-file.ts';
import { createProgress } from './progress.ts';
import { type RunContext, TrainJob } from './train-job.ts';
import type { TrainOptions } from './train-options.ts';
import { checkTrainOptions, resumable, settingsOf, startingPoint } from './train-plan.ts';

/** @throws UsageError, NoTextError, CorpusTooShortError and others that name cause and fix; Interrupted */
export async function train(options: TrainOptions): Promise<void> {
  checkTrainOptions(options);
  const progress = createProgress(options.json === true);
  const start = startingPoint(options);
  const tokenizer = await loadTokenizer(start.vocabulary);
  const validationIds = options.val === undefined ? null : readIds(options.val, tokenizer);
  const out = resolve(options.out);
  prepareOut(out);
  const files = { checkpoint: out, state: `${out}.state`, lock: `${out}.lock` };
  const lock = lockRun(files.lock, options.out);
  const interruption = takeInterruptions();
  try {
    await trainOnText({ options, start, tokenizer, validationIds, files, progress, interruption });
  } finally {
    progress.end();
    interruption.end();
    lock.release();
  }
}

async function trainOnText(context: RunContext): Promise<void> {
  const { options, start, tokenizer, interruption } = context;
  const corpus = await openText(context);
  try {
    const { batch, window, seed, threads } = options;
    const loader = createLoader(corpus, { batch, window, startId: tokenizer.startId, seed });
    const settings = settingsOf(options, start, corpus, loader.batchesPerEpoch);
    const saved = resumable(options, context.files.state, settings);
    interruption.signal.throwIfAborted();
    const backend = await selectBackend(options.backend, { threads });
    try {
      await new TrainJob({ ...context, corpusLength: corpus.length, settings, loader, backend }).run(saved);
    } finally {
      await backend.close();
    }
  } finally {
    corpus.close();
  }
}

function lockRun(path: string, out: string): FileLock {
  try {
    const lock = lockFile(
      path,
      (pid) => `Another run is writing ${out} (process ${pid}). Wait for it, stop it, or give another --out.`,
    );
    // A second Ctrl-C ends the process at once.
    process.once('exit', () => lock.release());
    return lock;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new WriteFileError(out, error as NodeJS.ErrnoException);
    throw error;
  }
}

async function openText({ options, tokenizer, files, progress }: RunContext): Promise<Corpus> {
  const own = [files.checkpoint, files.state, files.lock, partialPath(files.checkpoint), partialPath(files.state)];
  return await openCorpus(options.data, tokenizer, {
    cacheFolder: join(dirname(files.checkpoint), '.rnt-ids'),
    exclude: options.val === undefined ? own : [...own, options.val],
    onSources: (sources) => progress.line(describeSources(sources)),
    onProgress: (done, total) => progress.update(`tokenising ${((100 * done) / total).toFixed(0)} %`),
  });
}

function describeSources({ files, excluded, notText }: TextSources): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const left = [...excluded.map((path) => `${path} (not for training)`), ...notText.map((path) => `${path} (no text)`)];
  const shown = left.length > 5 ? [...left.slice(0, 4), `${left.length - 4} more`] : left;
  const without = left.length === 0 ? '' : `, without ${shown.join(', ')}`;
  return `text: ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${bytes.toLocaleString('en')} bytes${without}`;
}
