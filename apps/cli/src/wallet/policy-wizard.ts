// Choosing a policy in a talk: the strategies are shown, each answer is checked before the next question.

import { createInterface, type Interface } from 'node:readline/promises';
import { compareBytes, equalBytes } from '@resonancenet/bytes/compare';
import type { AccountPolicy } from '@resonancenet/keys/account-policy';
import { printPolicyText } from '@resonancenet/keys/policy-text';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { MAX_QUORUM_KEYS } from '@resonancenet/primitives/quorum';
import { Interrupted, UsageError } from '../errors.ts';
import { blocksText, type ChainNow } from './block-time.ts';
import { checkedPolicy, readKeyText } from './policy-options.ts';
import { STRATEGIES, type Strategy, strategiesText } from './strategies.ts';

const YEAR_SECONDS = 31_536_000;

/** Takes an answer, or says what is wrong with it. */
type Check<T> = (answer: string) => { readonly value: T } | { readonly problem: string };

/** The policy that a person chooses at the terminal. @throws UsageError if nobody is there to choose; Interrupted */
export async function choosePolicy(
  params: NetworkParams,
  now: ChainNow,
  { secretsFd, json }: { readonly secretsFd?: number; readonly json?: boolean },
): Promise<AccountPolicy> {
  if (!process.stdin.isTTY || secretsFd !== undefined || json === true)
    throw new UsageError(
      'Choose what becomes of the coins: --strategy heartbeat, social or emission-return, or --policy.',
    );
  const wizard = new PolicyWizard(params, now);
  try {
    return await wizard.choose();
  } finally {
    wizard.close();
  }
}

class PolicyWizard {
  readonly #lines: Interface;
  readonly #params: NetworkParams;
  readonly #now: ChainNow;
  readonly #stopped = new AbortController();

  /** On the terminal: standard input and error. */
  constructor(params: NetworkParams, now: ChainNow) {
    this.#params = params;
    this.#now = now;
    this.#lines = createInterface({ input: process.stdin, output: process.stderr });
    this.#lines.on('SIGINT', () => this.#stopped.abort());
    this.#lines.on('close', () => this.#stopped.abort());
  }

  /** The policy that a person has chosen and confirmed. @throws Interrupted */
  async choose(): Promise<AccountPolicy> {
    this.#say(
      `What becomes of your coins when you are silent? There is no account without an answer, and it is never changed.\n`,
    );
    this.#say(`${strategiesText(this.#params, this.#now)}\n`);
    for (;;) {
      const policy = await this.#parts(await this.#strategy());
      try {
        const checked = checkedPolicy(policy, this.#params);
        this.#say(`\n${printPolicyText(checked, this.#params.addressPrefix)}\n${policyInWords(checked, this.#now)}`);
        if (await this.#confirm()) return checked;
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        this.#say(error.message);
      }
    }
  }

  /** Gives the terminal back. */
  close(): void {
    this.#lines.close();
  }

  #say(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  async #strategy(): Promise<Strategy> {
    return await this.#ask(`Strategy (1, 2, 3): `, (answer) => {
      const found = STRATEGIES[Number(answer) - 1] ?? STRATEGIES.find((name) => name === answer);
      return found === undefined ? { problem: `Type 1, 2 or 3.` } : { value: found };
    });
  }

  async #parts(strategy: Strategy): Promise<AccountPolicy> {
    const { recovery } = this.#params;
    switch (strategy) {
      case 'heartbeat': {
        const { heartbeatIntervalMin, heartbeatIntervalMax, heartbeatTimeoutMin, heartbeatTimeoutMax } = recovery;
        const interval = await this.#blocks('Interval', heartbeatIntervalMin, heartbeatIntervalMax, YEAR_SECONDS);
        const timeout = await this.#blocks('Timeout', heartbeatTimeoutMin, heartbeatTimeoutMax, YEAR_SECONDS / 2);
        const recoveryKey = await this.#ask('Key text of the heir: ', (answer) => this.#key(answer));
        return { type: 'heartbeat', interval, timeout, recoveryKey };
      }
      case 'social': {
        const wait = await this.#blocks('Waiting time', recovery.socialWaitMin, 0xff_ffff, YEAR_SECONDS / 12);
        const guardians = await this.#guardians();
        const usual = Math.floor(guardians.length / 2) + 1;
        const required = await this.#ask(`How many of the ${guardians.length} must sign [${usual}]: `, (answer) =>
          numberIn(answer === '' ? String(usual) : answer, 1, guardians.length),
        );
        return { type: 'social', wait, required, guardians };
      }
      case 'emission-return': {
        const blocks = await this.#blocks('Blocks', recovery.emissionReturnMin, 0xff_ffff, 5 * YEAR_SECONDS);
        return { type: 'emissionReturn', blocks };
      }
    }
  }

  async #guardians(): Promise<readonly Uint8Array[]> {
    const keys: Uint8Array[] = [];
    while (keys.length < MAX_QUORUM_KEYS) {
      const key = await this.#ask(`Key text of guardian ${keys.length + 1} (empty: no more): `, (answer) => {
        if (answer === '') return keys.length === 0 ? { problem: 'There is at least one guardian.' } : { value: null };
        const result = this.#key(answer);
        const isKnown = 'value' in result && keys.some((other) => equalBytes(other, result.value));
        return isKnown ? { problem: 'This guardian is named already.' } : result;
      });
      if (key === null) break;
      keys.push(key);
    }
    return keys.sort(compareBytes);
  }

  /** `usualSeconds`: of the usual answer, as far as the network allows it. */
  async #blocks(what: string, least: number, most: number, usualSeconds: number): Promise<number> {
    const { secondsPerBlock } = this.#now;
    const wished = secondsPerBlock > 0 ? Math.round(usualSeconds / secondsPerBlock) : most;
    const usual = Math.min(most, Math.max(least, wished));
    const prompt = `${what}, blocks from ${least} to ${most} [${blocksText(usual, this.#now)}]: `;
    const blocks = await this.#ask(prompt, (answer) => numberIn(answer === '' ? String(usual) : answer, least, most));
    this.#say(`  ${blocksText(blocks, this.#now)}`);
    return blocks;
  }

  #key(answer: string): { readonly value: Uint8Array } | { readonly problem: string } {
    const result = readKeyText(answer, this.#params);
    return result.ok ? { value: result.publicKey } : { problem: `Not a key: ${result.detail}.` };
  }

  async #confirm(): Promise<boolean> {
    return await this.#ask('Take this policy? (yes, no): ', (answer) => {
      if (/^y(es)?$/i.test(answer)) return { value: true };
      return /^no?$/i.test(answer) ? { value: false } : { problem: 'Type yes or no.' };
    });
  }

  async #ask<T>(prompt: string, check: Check<T>): Promise<T> {
    for (;;) {
      const result = check((await this.#line(prompt)).trim());
      if ('value' in result) return result.value;
      this.#say(result.problem);
    }
  }

  async #line(prompt: string): Promise<string> {
    try {
      return await this.#lines.question(prompt, { signal: this.#stopped.signal });
    } catch (error) {
      if (this.#stopped.signal.aborted) throw new Interrupted('Stopped; nothing was made.');
      throw error;
    }
  }
}

function numberIn(
  answer: string,
  least: number,
  most: number,
): { readonly value: number } | { readonly problem: string } {
  const value = /^[0-9][0-9_]*$/.test(answer) ? Number(answer.replaceAll('_', '')) : Number.NaN;
  return value >= least && value <= most ? { value } : { problem: `Type a whole number from ${least} to ${most}.` };
}

/** What a policy means. */
export function policyInWords(policy: AccountPolicy, now: ChainNow): string {
  switch (policy.type) {
    case 'heartbeat': {
      const { interval, timeout } = policy;
      return `A sign of life at least every ${blocksText(interval, now)}. Without one for ${blocksText(interval + timeout, now)}, the heir can take the coins.`;
    }
    case 'social': {
      const { required, guardians, wait } = policy;
      return `${required} of ${guardians.length} guardians can move the coins. They have to wait ${blocksText(wait, now)}, and until then you can stop them.`;
    }
    case 'emissionReturn':
      return `Without a sign of life for ${blocksText(policy.blocks, now)}, the coins are gone. Nobody but you can ever spend them.`;
  }
}
