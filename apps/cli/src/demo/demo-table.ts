// The live table of the demonstration: rewritten on a terminal, a line per event elsewhere.

import type { BlockSeen, DemoNode } from './demo-node.ts';

export class DemoTable {
  readonly #winners: ReadonlyMap<string, string>;
  readonly #out: NodeJS.WriteStream = process.stdout;
  readonly #started = performance.now();
  readonly #printed = new Set<string>();
  #lines = 0;
  #timer: ReturnType<typeof setInterval> | null = null;
  #nodes: readonly DemoNode[] = [];

  /** `winners`: block id -> name of the node that mined it. */
  constructor(winners: ReadonlyMap<string, string>) {
    this.#winners = winners;
  }

  /** A line that stays. */
  say(text: string): void {
    this.#clear();
    this.#out.write(`${this.#time()}  ${text}\n`);
  }

  /** The first node to have a block as its tip makes its line. */
  block(_node: DemoNode, block: BlockSeen): void {
    if (this.#printed.has(block.hash)) return;
    this.#printed.add(block.hash);
    const winner = this.#winners.get(block.hash) ?? '?';
    this.say(
      `block ${String(block.height).padStart(3)}  loss ${(block.valLoss / 1e6).toFixed(4)}  ${block.shape.padEnd(8)} won by ${winner}`,
    );
  }

  /** Keeps the table of the nodes below the lines (on a terminal only). */
  follow(nodes: readonly DemoNode[]): void {
    this.#nodes = nodes;
    if (this.#out.isTTY !== true) return;
    this.#timer = setInterval(() => this.#draw(), 500);
    this.#timer.unref();
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#clear();
  }

  #time(): string {
    return `${((performance.now() - this.#started) / 1000).toFixed(0).padStart(4)} s`;
  }

  #draw(): void {
    this.#clear();
    const rows = this.#nodes.map(
      (node) =>
        `${node.name.padEnd(10)} height ${String(node.tip?.height ?? 0).padStart(4)}  loss ${((node.tip?.valLoss ?? 0) / 1e6).toFixed(4)}  found ${String(node.found).padStart(3)}  peers ${node.peers}  ${node.state}`,
    );
    this.#out.write(`${rows.map((row) => row.slice(0, (this.#out.columns ?? 120) - 1)).join('\n')}\n`);
    this.#lines = rows.length;
  }

  #clear(): void {
    if (this.#lines > 0) this.#out.write(`\u001b[${this.#lines}A\u001b[J`);
    this.#lines = 0;
  }
}
