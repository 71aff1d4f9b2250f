// Progress of long work: one line that rewrites itself on a terminal, a line every few seconds elsewhere, JSON lines on request.

const rewriteEveryMs = 200;
const lineEveryMs = 5000;

export interface Progress {
  /** Shows the present state; `json` is printed as it is under --json, `text` otherwise, as often as makes sense. */
  update(text: string, json?: Readonly<Record<string, unknown>>): void;
  /** A line that stays. */
  line(text: string): void;
  /** Leaves the rewritten line behind. */
  end(): void;
}

export function createProgress(json: boolean): Progress {
  const out = process.stderr;
  const rewrite = out.isTTY === true;
  let last = Number.NEGATIVE_INFINITY;
  let open = false;
  const clear = (): void => {
    if (open) out.write('\r\u001b[2K');
    open = false;
  };
  return {
    update: (text, record) => {
      if (json) {
        if (record !== undefined) console.log(JSON.stringify(record));
        return;
      }
      const now = performance.now();
      if (now - last < (rewrite ? rewriteEveryMs : lineEveryMs)) return;
      last = now;
      if (rewrite) {
        clear();
        out.write(text.slice(0, (out.columns ?? 120) - 1));
        open = true;
      } else out.write(`${text}\n`);
    },
    line: (text) => {
      if (json) return;
      clear();
      out.write(`${text}\n`);
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
