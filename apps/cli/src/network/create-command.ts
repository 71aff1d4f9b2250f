// `rnt network create`: a parameter object and its validation sets from any text.

import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '@resonancenet/bytes/hex';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import {
  cutValidationSets,
  type NetworkPlan,
  NetworkPlanError,
  planNetwork,
  type ValidationSets,
} from '@resonancenet/node/network/create-network';
import { DvalFolder } from '@resonancenet/node/network/network-data';
import { MAX_DVALS, serialiseNetworkParams } from '@resonancenet/params/network-file';
import { networkId } from '@resonancenet/params/network-id';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { networkByName, networks } from '@resonancenet/params/networks';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import { computeGenesisConstants } from '@resonancenet/training/genesis-constants';
import { replaceFile } from '@resonancenet/training/write-file';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { takeInterruptions } from '../interruption.ts';
import { parseWidthAndLayers } from '../model/model-config.ts';
import { createProgress, duration } from '../model/progress.ts';
import { backendOption, seedOption, threadsOption, wholeNumber } from '../options.ts';
import { prepareOut } from '../out-file.ts';
import { copyStart } from './copy-start.ts';

interface CreateOptions {
  readonly name: string;
  readonly text: string;
  readonly out: string;
  readonly trainOut?: string;
  readonly like: string;
  readonly vocab?: 'bytes' | 'gpt2';
  readonly base?: string;
  readonly cap?: string;
  readonly windows?: number;
  readonly windowSize?: number;
  readonly reserve: number;
  readonly lossStep?: number;
  readonly spacing?: number;
  readonly stallInterval?: number;
  readonly magic?: string;
  readonly addressPrefix?: string;
  readonly port?: number;
  readonly seed: number;
  readonly timestamp?: number;
  readonly threads: number;
  readonly backend: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const help = `
Examples:
  $ rnt network create --name mynet --text book.txt --out mynet.json --train-out train.txt
  $ rnt network create --name poems --text poems.txt --base d=32,layers=2 --cap d=64,layers=4 --windows 16 --reserve 3 --out poems.json
  $ rnt network create --name bignet --like mainnet --text corpus.txt --out bignet.json
  $ rnt node --mine --network-file mynet.json --data train.txt

The validation sets are cut from the end of the text and lie beside --out as <out>.dvals/<id>.u16; whoever joins needs both. Nobody should
train on that part of the text: --train-out writes the part before it. What is not given is taken from the network --like.`;

export function addCreateCommand(network: Command): void {
  network
    .command('create')
    .description('Make the parameter object of a new network from any text')
    .requiredOption('--name <name>', '1 to 32 of a-z, 0-9 and -, a letter first')
    .requiredOption('--text <file>', 'text; its end becomes the validation sets')
    .requiredOption('--out <file>', 'parameter object to write (JSON)')
    .option('--train-out <file>', 'write the part of the text before the validation sets')
    .addOption(
      new Option('--like <network>', 'committed network that all else is taken from')
        .choices(networks.map(({ name }) => name))
        .default('devnet'),
    )
    .addOption(new Option('--vocab <kind>', 'how text becomes tokens').choices(['bytes', 'gpt2']))
    .option('--base <shape>', 'model at genesis, d=64,layers=2')
    .option('--cap <shape>', 'largest model, d=128,layers=4')
    .option('--windows <n>', 'windows of a validation set', wholeNumber(1, 4096))
    .option('--window-size <n>', 'tokens of a window', wholeNumber(1, 1023))
    .option('--reserve <n>', 'validation sets for later, one after the other', wholeNumber(1, MAX_DVALS - 1), 7)
    .option('--loss-step <n>', 'least improvement of a block, micro-nats', wholeNumber(0, 64_000_000))
    .option('--spacing <s>', 'least seconds between blocks', wholeNumber(0, 86_400))
    .option('--stall-interval <s>', 'seconds without a block after which the model grows', wholeNumber(1, 31_536_000))
    .option('--magic <text>', 'first bytes of every message, four of A-Z and 0-9 (default: from the name)')
    .option('--address-prefix <text>', 'start of addresses, 1 to 10 of a-z (default: from the name)')
    .option(
      '--port <n>',
      'port for peers; RPC has the one before, Lightning the one after (default: from the name)',
      wholeNumber(2, 65_534),
    )
    .addOption(seedOption('seed of the genesis weights'))
    .option('--timestamp <s>', 'time of genesis, Unix seconds (default: now)', wholeNumber(0, 2 ** 53 - 1))
    .addOption(threadsOption())
    .addOption(backendOption())
    .option('--force', 'replace a network of this file name')
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(create);
}

/** The option behind a field of the parameter object. */
const optionOf: Readonly<Record<string, string>> = {
  name: '--name',
  magic: '--magic',
  addressPrefix: '--address-prefix',
  ports: '--port',
  'ports.p2p': '--port',
  'ports.rpc': '--port',
  'ports.lightning': '--port',
  'baseShape.width': '--base',
  'capShape.width': '--cap',
  'capShape.layers': '--cap',
  'dval.windows': '--windows',
  'dval.windowSize': '--window-size',
};

function planned(options: CreateOptions): NetworkParams {
  const like = networkByName(options.like);
  if (like === null) throw new UsageError(`--like ${options.like}: there is no such network.`);
  const plan: NetworkPlan = {
    ...options,
    like,
    vocabulary: options.vocab,
    base: options.base === undefined ? undefined : parseWidthAndLayers('--base', options.base),
    cap: options.cap === undefined ? undefined : parseWidthAndLayers('--cap', options.cap),
    timestamp: options.timestamp ?? Math.floor(Date.now() / 1000),
  };
  try {
    return planNetwork(plan);
  } catch (error) {
    if (error instanceof NetworkPlanError)
      throw new UsageError(`${optionOf[error.path] ?? error.path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function checkOutputs(options: CreateOptions): void {
  const outputs = [options.out, ...(options.trainOut === undefined ? [] : [options.trainOut])];
  for (const path of outputs) {
    prepareOut(path);
    if (existsSync(path) && realpathSync(path) === realpathSync(options.text))
      throw new UsageError(`${path} is the text itself. Give another --out or --train-out.`);
  }
  const taken = [...outputs, `${options.out}.dvals`].find((path) => existsSync(path));
  if (taken !== undefined && options.force !== true)
    throw new UsageError(`${taken} exists already. Give another --out or --train-out, or --force to replace it.`);
}

async function create(options: CreateOptions): Promise<void> {
  const params = planned(options);
  checkOutputs(options);
  const progress = createProgress(options.json === true);
  const tokenizer = await loadTokenizer(params.vocabulary.kind);
  const sets = cutValidationSets(options.text, tokenizer, params, 1 + options.reserve);
  progress.line(
    `${sets.dvals.length} validation sets of ${params.dval.windows} x ${params.dval.windowSize} tokens; evaluating the first model ...`,
  );
  const interruption = takeInterruptions();
  const backend = await selectBackend(options.backend, { threads: options.threads });
  try {
    const started = performance.now();
    const showProgress = (done: number, total: number): void => {
      const seconds = (performance.now() - started) / 1000;
      progress.update(`${done}/${total} windows  ${duration((seconds * (total - done)) / done)} left`);
    };
    const constants = await computeGenesisConstants(params, sets.dvals, backend, showProgress, interruption.signal);
    const network = { ...params, genesis: { ...params.genesis, constants } };
    await writeNetwork(options, network, sets);
    progress.end();
    report(options, network, sets);
  } finally {
    progress.end();
    interruption.end();
    await backend.close();
  }
}

/** The parameter object last: where it stands, all that it needs stands beside it. */
async function writeNetwork(options: CreateOptions, params: NetworkParams, sets: ValidationSets): Promise<void> {
  const folder = `${options.out}.dvals`;
  rmSync(options.out, { force: true });
  mkdirSync(folder, { recursive: true });
  for (const old of readdirSync(folder)) if (old.endsWith('.u16')) rmSync(join(folder, old));
  const dvals = new DvalFolder(params, folder);
  for (const ids of sets.dvals) dvals.add(ids);
  if (options.trainOut !== undefined) await copyStart(options.text, options.trainOut, sets.trainingBytes);
  const text = `${JSON.stringify(JSON.parse(serialiseNetworkParams(params)), null, 2)}\n`;
  replaceFile(options.out, [Buffer.from(text)]);
}

function report(options: CreateOptions, params: NetworkParams, { dvals, trainingBytes }: ValidationSets): void {
  const { name, magic, addressPrefix, ports, baseShape, capShape } = params;
  const valLoss = params.genesis.constants?.valLoss ?? 0;
  const record = {
    name,
    networkId: toHex(networkId(params)),
    out: options.out,
    dvals: dvals.length,
    trainingBytes,
    valLoss,
    valLossNats: valLoss / 1e6,
    magic,
    addressPrefix,
    ports,
    baseShape,
    capShape,
  };
  if (options.json === true) {
    console.log(JSON.stringify(record));
    return;
  }
  const train = options.trainOut ?? `the first ${trainingBytes} bytes of ${options.text}`;
  console.log(
    [
      `${options.out}: network ${name}, id ${record.networkId}`,
      `  model ${baseShape.width} x ${baseShape.layers}, growing to ${capShape.width} x ${capShape.layers}; loss at genesis ${record.valLossNats.toFixed(6)} nats`,
      `  addresses ${addressPrefix}1..., magic ${magic}, ports ${ports.p2p} (peers), ${ports.rpc} (RPC), ${ports.lightning} (Lightning)`,
      `  ${dvals.length} validation sets in ${options.out}.dvals: hand them over with the file, and train on ${train} only`,
      `Start a node: rnt node --mine --network-file ${options.out} --data ${options.trainOut ?? 'train.txt'}`,
    ].join('\n'),
  );
}
