// Runs our Node in the place of this process: same streams, signals passed on, same exit code. Plain JavaScript for Node >= 18.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { nodeEnvironment } from './pinned-node.mjs';

/** How often the parent is looked at. */
const lookEveryMs = 500;

/** What `--secrets-fd N` names is handed on under its number: a child gets no other descriptor than the first three. */
function namedDescriptor(args) {
  const at = args.findIndex((arg) => /^--secrets-fd(=|$)/.test(arg));
  const number = at < 0 ? NaN : Number(args[at].split('=')[1] ?? args[at + 1]);
  if (!(Number.isInteger(number) && number > 2 && number < 256)) return [];
  return [...Array(number - 3).fill('ignore'), number];
}

/** Starts the program and ends this process when it has ended. */
export function runInstead(program, args, options = {}) {
  const stdio = ['inherit', 'inherit', 'inherit', ...namedDescriptor(args)];
  const child = spawn(program, args, { ...options, stdio, env: { ...nodeEnvironment, ...process.env } });
  // A terminal hands Ctrl-C to the child itself; elsewhere a signal reaches this process alone and is passed on.
  const atTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !atTerminal) child.kill(signal);
    });
  // npm and npx put a shell between, and end that shell without a word to what it has started.
  if (process.env.npm_command !== undefined) {
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      child.kill('SIGTERM');
    }, lookEveryMs);
    watch.unref();
  }
  child.on('error', (error) => {
    console.error(`${program} could not be started: ${error.message}. Delete node_modules and install again.`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}
