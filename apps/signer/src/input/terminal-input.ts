// Secrets from a person at the terminal, byte by byte: nothing is shown unless asked for, and nothing becomes a string.

import type { ReadStream } from 'node:tty';
import { SignerError } from '../signer-error.ts';
import { MAX_SECRET_LINE, type SecretInput } from './secret-input.ts';

const CTRL_C = 3;
const CTRL_D = 4;
const CTRL_U = 21;
const BACKSPACE = 8;
const DELETE = 127;
const ESCAPE = 27;
const ENTER: readonly number[] = [10, 13];

/** The terminal's second page, which keeps no history. */
const PAGE_ON = '\u001b[?1049h\u001b[2J\u001b[H';
const PAGE_OFF = '\u001b[?1049l';

export class TerminalInput implements SecretInput {
  readonly isTerminal = true;
  readonly #terminal: ReadStream;
  readonly #output: { write(data: string | Uint8Array): unknown };
  #pending: Buffer = Buffer.alloc(0);
  #wake: (() => void) | null = null;
  #ended = false;
  #onPage = false;

  constructor(terminal: ReadStream, output: { write(data: string | Uint8Array): unknown }) {
    this.#terminal = terminal;
    this.#output = output;
    terminal.on('data', (part: Buffer) => {
      const joined = Buffer.concat([this.#pending, part]);
      this.#pending.fill(0);
      part.fill(0);
      this.#pending = joined;
      this.#wake?.();
    });
    terminal.on('end', () => {
      this.#ended = true;
      this.#wake?.();
    });
    terminal.pause();
  }

  async ask(prompt: string, echo: boolean = false): Promise<Uint8Array> {
    // Before anything is asked, and until the end: what is typed too early is not shown either.
    this.#terminal.setRawMode(true).resume();
    this.#output.write(`${prompt}: `);
    const line = new SecretLine();
    try {
      for (;;) {
        const byte = await this.#nextByte();
        if (byte === CTRL_C || (byte === CTRL_D && line.length === 0))
          throw new SignerError('interrupted', 'Stopped; nothing was written.');
        if (ENTER.includes(byte)) return line.take();
        if (byte === ESCAPE) continue;
        const shown = this.#edit(line, byte);
        if (echo) this.#output.write(shown);
      }
    } finally {
      line.wipe();
      this.#terminal.pause();
      this.#output.write('\n');
    }
  }

  say(text: string): void {
    this.#output.write(`${text}\n`);
  }

  async page<T>(work: () => Promise<T>): Promise<T> {
    this.#output.write(PAGE_ON);
    this.#onPage = true;
    try {
      return await work();
    } finally {
      this.#leavePage();
    }
  }

  rest(): void {
    this.#terminal.pause().setRawMode(false);
  }

  close(): void {
    this.#leavePage();
    this.#pending.fill(0);
    this.#terminal.pause().setRawMode(false);
  }

  #leavePage(): void {
    if (!this.#onPage) return;
    this.#onPage = false;
    this.#output.write(PAGE_OFF);
  }

  /** What shows the change. */
  #edit(line: SecretLine, byte: number): string | Uint8Array {
    if (byte === BACKSPACE || byte === DELETE) return line.removeCharacter() ? '\b \b' : '';
    if (byte === CTRL_U) return '\b \b'.repeat(line.clear());
    if (byte < 32) return '';
    return line.add(byte) ? Uint8Array.of(byte) : '\u0007';
  }

  async #nextByte(): Promise<number> {
    while (this.#pending.length === 0) {
      if (this.#ended) throw new SignerError('interrupted', 'The terminal is gone; nothing was written.');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const byte = this.#pending[0]!;
    this.#pending[0] = 0;
    this.#pending = this.#pending.subarray(1);
    return byte;
  }
}

/** What has been typed. */
class SecretLine {
  readonly #bytes = new Uint8Array(MAX_SECRET_LINE);
  length = 0;

  /** false: the line is full. */
  add(byte: number): boolean {
    if (this.length === MAX_SECRET_LINE) return false;
    this.#bytes[this.length++] = byte;
    return true;
  }

  /** The last character, of however many bytes; false: there is none. */
  removeCharacter(): boolean {
    if (this.length === 0) return false;
    let byte: number;
    do {
      byte = this.#bytes[--this.length]!;
      this.#bytes[this.length] = 0;
    } while (this.length > 0 && (byte & 0xc0) === 0x80);
    return true;
  }

  /** Gives the number of characters that it had. */
  clear(): number {
    let count = 0;
    while (this.removeCharacter()) count++;
    return count;
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  wipe(): void {
    this.#bytes.fill(0);
  }
}
