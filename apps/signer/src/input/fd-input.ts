// Secrets from a file descriptor: one line for each, in the order in which they are asked for.

import { createReadStream, type ReadStream } from 'node:fs';
import { SignerError } from '../signer-error.ts';
import { MAX_SECRET_LINE, type SecretInput } from './secret-input.ts';

const NEWLINE = 10;
const RETURN = 13;

export class FdInput implements SecretInput {
  readonly isTerminal = false;
  readonly #stream: ReadStream;
  readonly #parts: AsyncIterator<Buffer>;
  #rest = Buffer.alloc(0);

  constructor(fd: number) {
    this.#stream = createReadStream('', { fd, autoClose: false, highWaterMark: MAX_SECRET_LINE });
    this.#parts = this.#stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async ask(prompt: string): Promise<Uint8Array> {
    let end = this.#rest.indexOf(NEWLINE);
    while (end < 0) {
      if (this.#rest.length > MAX_SECRET_LINE)
        throw new SignerError('no-secret', `${prompt}: a line has more than ${MAX_SECRET_LINE} bytes.`);
      const part = await this.#nextPart();
      if (part === null) {
        if (this.#rest.length === 0)
          throw new SignerError('no-secret', `${prompt}: no line is left to read. Give one line for each secret.`);
        end = this.#rest.length;
        break;
      }
      const joined = Buffer.concat([this.#rest, part]);
      this.#rest.fill(0);
      part.fill(0);
      this.#rest = joined;
      end = this.#rest.indexOf(NEWLINE);
    }
    return this.#take(end);
  }

  say(): void {}

  page<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  rest(): void {}

  close(): void {
    this.#rest.fill(0);
    this.#stream.destroy();
  }

  async #nextPart(): Promise<Buffer | null> {
    try {
      const next = await this.#parts.next();
      return next.done === true ? null : next.value;
    } catch (error) {
      if (!(error instanceof Error) || !('syscall' in error)) throw error;
      throw new SignerError('no-secret', `The secrets cannot be read: ${error.message}.`, { cause: error });
    }
  }

  #take(end: number): Uint8Array {
    const length = end > 0 && this.#rest[end - 1] === RETURN ? end - 1 : end;
    const line = new Uint8Array(this.#rest.subarray(0, length));
    const rest = Buffer.from(this.#rest.subarray(Math.min(end + 1, this.#rest.length)));
    this.#rest.fill(0);
    this.#rest = rest;
    return line;
  }
}
