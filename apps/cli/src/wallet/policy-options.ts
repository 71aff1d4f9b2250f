// A policy from options: the line itself, or its parts.

import { compareBytes } from '@resonancenet/bytes/compare';
import type { AccountPolicy } from '@resonancenet/keys/account-policy';
import { decodeKeyText } from '@resonancenet/keys/key-text';
import { parsePolicyText, policyRangeProblem, printPolicyText } from '@resonancenet/keys/policy-text';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { parseAddress } from '@resonancenet/primitives/address';
import { quorumProblem } from '@resonancenet/primitives/quorum';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { collect, wholeNumber } from '../options.ts';
import { STRATEGIES, type Strategy } from './strategies.ts';

export interface PolicyOptions {
  readonly policy?: string;
  readonly strategy?: Strategy;
  readonly interval?: number;
  readonly timeout?: number;
  readonly heir?: string;
  readonly wait?: number;
  readonly required?: number;
  readonly guardian?: readonly string[];
  readonly blocks?: number;
}

const u24 = wholeNumber(0, 0xff_ffff);

export function addPolicyOptions(command: Command): Command {
  return command
    .option('--policy <line>', 'the whole policy in one line, as a recovery kit prints it')
    .addOption(new Option('--strategy <name>', 'what becomes of the coins when you are silent').choices(STRATEGIES))
    .option('--interval <blocks>', 'heartbeat: a sign of life at least so often', u24)
    .option('--timeout <blocks>', 'heartbeat: and so long after a missed one before the heir can act', u24)
    .option('--heir <key>', 'heartbeat: key text of the heir')
    .option('--wait <blocks>', 'social: so long you can stop the guardians', u24)
    .option('--required <n>', 'social: so many guardians must sign', wholeNumber(1, 16))
    .option('--guardian <key>', 'social: key text of a guardian, once for each', collect)
    .option('--blocks <n>', 'emission-return: so long without a sign of life', u24);
}

const parts: Readonly<Record<Strategy, readonly (keyof PolicyOptions)[]>> = {
  heartbeat: ['interval', 'timeout', 'heir'],
  social: ['wait', 'required', 'guardian'],
  'emission-return': ['blocks'],
};

/** The policy that the options name, null if they name none. @throws UsageError naming the option */
export function policyFromOptions(options: PolicyOptions, params: NetworkParams): AccountPolicy | null {
  const given = Object.values(parts)
    .flat()
    .filter((name) => options[name] !== undefined);
  if (options.policy !== undefined) {
    const others = options.strategy === undefined ? given : ['strategy' as const, ...given];
    if (others.length > 0) throw new UsageError(`--policy is the whole policy: leave --${others[0]} away.`);
    return policyOfLine(options.policy, params);
  }
  const { strategy } = options;
  if (strategy === undefined) {
    if (given.length > 0) throw new UsageError(`--${given[0]} belongs to a strategy: name it with --strategy.`);
    return null;
  }
  const missing = parts[strategy].find((name) => options[name] === undefined);
  if (missing !== undefined) throw new UsageError(`--strategy ${strategy} needs --${missing}.`);
  const foreign = given.find((name) => !parts[strategy].includes(name));
  if (foreign !== undefined) throw new UsageError(`--strategy ${strategy} has no --${foreign}.`);
  return checkedPolicy(policyOfParts(strategy, options, params), params);
}

function policyOfLine(line: string, params: NetworkParams): AccountPolicy {
  const parsed = parsePolicyText(line, params);
  if (parsed.ok) return parsed.policy;
  throw new UsageError(`--policy: ${parsed.detail}.`);
}

function policyOfParts(strategy: Strategy, options: PolicyOptions, params: NetworkParams): AccountPolicy {
  switch (strategy) {
    case 'heartbeat':
      return {
        type: 'heartbeat',
        interval: options.interval!,
        timeout: options.timeout!,
        recoveryKey: keyOf('--heir', options.heir!, params),
      };
    case 'social': {
      const guardians = options.guardian!.map((text) => keyOf('--guardian', text, params)).sort(compareBytes);
      return { type: 'social', wait: options.wait!, required: options.required!, guardians };
    }
    case 'emission-return':
      return { type: 'emissionReturn', blocks: options.blocks! };
  }
}

function keyOf(option: string, text: string, params: NetworkParams): Uint8Array {
  const result = readKeyText(text, params);
  if (result.ok) return result.publicKey;
  throw new UsageError(`${option} ${text.slice(0, 80)}: ${result.detail}.`);
}

/** The key that somebody else hands over. What it may be mistaken for, an address in Base58 too, is told by its name. */
export function readKeyText(
  text: string,
  params: NetworkParams,
): { readonly ok: true; readonly publicKey: Uint8Array } | { readonly ok: false; readonly detail: string } {
  const result = decodeKeyText(params.addressPrefix, text);
  if (result.ok || result.code !== 'bad-text' || !parseAddress(params, text).ok) return result;
  return {
    ok: false,
    detail: `this is an address in Base58, from which no key can be read; ask for the key text (rnt wallet show-key), which begins with ${params.addressPrefix}k1`,
  };
}

/** @throws UsageError if the network does not allow it */
export function checkedPolicy(policy: AccountPolicy, params: NetworkParams): AccountPolicy {
  const quorum =
    policy.type === 'social' ? quorumProblem({ required: policy.required, publicKeys: policy.guardians }) : null;
  const problem = quorum ?? policyRangeProblem(policy, params);
  if (problem !== null) throw new UsageError(`The network does not allow this policy: ${problem}.`);
  // What is printed is what is made.
  return policyOfLine(printPolicyText(policy, params.addressPrefix), params);
}
