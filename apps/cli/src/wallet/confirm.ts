// A yes or no at the terminal, before something that cannot be taken back.

import { createInterface } from 'node:readline/promises';
import { Interrupted } from '../errors.ts';

/** Whether somebody is there to be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true;
}

/** true only for a typed `yes`. Asks on standard error: what is printed may go to a file. @throws Interrupted */
export async function saysYes(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<never>((_, reject) => {
    terminal.once('SIGINT', () => reject(new Interrupted()));
    terminal.once('close', () => reject(new Interrupted()));
  });
  try {
    const typed = await Promise.race([terminal.question(`${question} Type yes: `), ended]);
    return typed.trim().toLowerCase() === 'yes';
  } finally {
    // Closing is no interruption any more.
    ended.catch(() => undefined);
    terminal.close();
  }
}
