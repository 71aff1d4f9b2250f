// Where secrets come from: a person at the terminal, or a program through a file descriptor. As bytes, which whoever gets them overwrites after use.

export interface SecretInput {
  /** Whether a person is there: what is typed is then asked for twice, and words are shown. */
  readonly isTerminal: boolean;
  /** One line, without its end; `echo`: shown while it is typed. @throws SignerError */
  ask(prompt: string, echo?: boolean): Promise<Uint8Array>;
  /** To the person; nothing for a program. */
  say(text: string): void;
  /** Shows a page that is gone from the terminal, and from what it keeps, when `work` ends. */
  page<T>(work: () => Promise<T>): Promise<T>;
  /** Nothing is asked for a while: the terminal is as others have it, and Ctrl-C ends all. */
  rest(): void;
  close(): void;
}

/** Bytes of a line: words and passphrases take less. */
export const MAX_SECRET_LINE = 4_096;
