// Progress of long work: one line that rewrites itself on a terminal, a line every few seconds elsewhere, JSON lines on request.

const rewriteEveryMs = 200;
const lineEveryMs = 5000;

export interface Progress {
  /** The present state, shown to people as often as makes sense. */
  update(text: string): void;
  /** A line that stays, for people. */
  line(text: string): void;
  /** A line for programs: printed under --json only, always. */
  record(values: object): void;
  /** Leaves the rewritten line behind. */
  end(): void;
}

/** People read the standard error stream, programs (`json`) the standard output. */
export function createProgress(json: boolean): Progress {
  const out = process.stderr;
  const rewrite = out.isTTY === true;
  let last = performance.now() - (rewrite ? rewriteEveryMs : 0);
  let open = false;
  const clear = (): void => {
    if (open) out.write('\r\u001b[2K');
    open = false;
  };
  return {
    update: (text) => {
      const now = performance.now();
      if (json || now - last < (rewrite ? rewriteEveryMs : lineEveryMs)) return;
      last = now;
      if (!rewrite) {
        out.write(`${text}\n`);
        return;
      }
      clear();
      // Terminals that do not know their width say 0.
      out.write(text.slice(0, (out.columns || 120) - 1));
      open = true;
    },
    line: (text) => {
      if (json) return;
      clear();
      out.write(`${text}\n`);
    },
    record: (values) => {
      if (json) console.log(JSON.stringify(values));
    },
    end: clear,
  };
}

/** Seconds as people say them: 45 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'no end set';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A rate of tokens, rounded to three figures or so. */
export function rate(perSecond: number): string {
  return perSecond >= 1000 ? `${(perSecond / 1000).toFixed(1)}k tokens/s` : `${perSecond.toFixed(0)} tokens/s`;
}
