// A job that needs something of whoever started it, after it has told something: both public.

export interface JobTalk {
  /** An answer before the last. */
  tell(result: Readonly<Record<string, unknown>>): void;
  /** The next line of the other side. @throws SignerError when it has gone */
  hear(): Promise<string>;
}
