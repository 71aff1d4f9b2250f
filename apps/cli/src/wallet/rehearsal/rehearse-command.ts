// `rnt wallet recovery rehearse`: the whole course of a recovery with play money, before it is needed.

import { rnt } from '@resonancenet/node/rpc/amounts';
import { type Command, Option } from 'commander';
import { takeInterruptions } from '../../interruption.ts';
import { STRATEGIES, type Strategy } from '../strategies.ts';
import { addPlaceOptions, recordOf, walletPlace } from '../wallet-place.ts';
import { courses } from './courses.ts';
import type { RehearsalEnd, RehearsalLine, Tell } from './rehearsal-report.ts';
import { RehearsalScreen } from './rehearsal-screen.ts';
import { RehearsalWorld } from './rehearsal-world.ts';

interface RehearseOptions {
  readonly wallet?: string;
  readonly strategy?: Strategy;
  readonly json?: boolean;
}

const help = `
A node of the network regtest, without peers, wallets without a passphrase and their signers are made in a temporary folder and taken away at the end.
Nothing of yours is touched; of --wallet only the public record is read, to see which strategy it has. The waiting times are the shortest that regtest
allows. Amounts are compared to one resonance; the command ends with 1 if anything is not as it must be.

Examples:
  $ rnt wallet recovery rehearse                               all three strategies
  $ rnt wallet recovery rehearse --strategy social
  $ rnt wallet recovery rehearse --wallet main                 that of this wallet
  $ rnt wallet recovery rehearse --strategy heartbeat --json`;

export function addRehearseCommand(recovery: Command): void {
  const command = recovery
    .command('rehearse')
    .description('Play a recovery from making the wallet to the last resonance, with play money, in about a minute')
    .addOption(new Option('--strategy <name>', 'which one (default: that of --wallet, else all)').choices(STRATEGIES))
    .option('--wallet <name>', 'a wallet whose strategy is rehearsed');
  addPlaceOptions(command)
    .option('--json', 'the result as JSON in one line')
    .addHelpText('after', help)
    .action(async (options: RehearseOptions) => {
      const strategies = options.strategy === undefined ? strategiesOf(command, options.wallet) : [options.strategy];
      await rehearse(strategies, options.json === true);
    });
}

/** Of the wallet's accounts; without a wallet all. */
function strategiesOf(command: Command, wallet: string | undefined): readonly Strategy[] {
  if (wallet === undefined) return STRATEGIES;
  const { accounts } = recordOf(walletPlace(command, wallet));
  const types = new Set(accounts.map(({ policy }) => policy.terms.type));
  return STRATEGIES.filter((strategy) => types.has(strategy === 'emission-return' ? 'emissionReturn' : strategy));
}

async function rehearse(strategies: readonly Strategy[], json: boolean): Promise<void> {
  const screen = new RehearsalScreen(json);
  const lines: RehearsalLine[] = [];
  const ends: [Strategy, RehearsalEnd][] = [];
  const interruption = takeInterruptions();
  let world: RehearsalWorld | null = null;
  try {
    screen.say('a node of its own and somebody who pays are started');
    world = await RehearsalWorld.start(interruption.signal, (height, until) => screen.wait(height, until));
    for (const strategy of strategies) {
      screen.say(`${strategy}:`);
      ends.push([strategy, await courses[strategy](world, teller(strategy, world, screen, lines))]);
    }
  } catch (error) {
    // What fails because everything ends is no failure of its own.
    if (interruption.signal.aborted) throw interruption.signal.reason;
    throw error;
  } finally {
    await world?.stop();
    interruption.end();
  }
  screen.say('all went as it must; nothing of it is left on this machine');
  const { seconds } = screen;
  if (json) console.log(JSON.stringify({ seconds, strategies: ends.map(described), lines }));
}

/** Keeps and shows what is told. */
function teller(strategy: Strategy, world: RehearsalWorld, screen: RehearsalScreen, lines: RehearsalLine[]): Tell {
  return async (step, text, command) => {
    const line: RehearsalLine = { strategy, step, height: await world.height(), text, command: command ?? null };
    lines.push(line);
    screen.step(line);
  };
}

function described([strategy, { opens, lost, recovered, fee, returned }]: [Strategy, RehearsalEnd]): object {
  const amounts = { lost: rnt(lost), recovered: rnt(recovered), fee: rnt(fee), returned: rnt(returned) };
  return { strategy, opens, ...amounts };
}
