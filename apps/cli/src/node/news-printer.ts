// What the node has to tell, for people: one line for each thing that matters, and one status line that is rewritten.

import type { ResonanceNode } from '@resonancenet/node/node';
import type { NodeNews } from '@resonancenet/node/node-events';
import { rnt } from '@resonancenet/node/rpc/amounts';

const nats = (microNats: number): string => (microNats / 1e6).toFixed(4);

/** The line for a piece of news, or null if people need not read it. */
export function newsLine(news: NodeNews): string | null {
  switch (news.type) {
    case 'started':
      return `${news.network}: height ${news.height}, loss ${nats(news.valLoss)} nats, data in ${news.folder}`;
    case 'tip': {
      const gain = news.parentLoss - news.valLoss;
      const who = news.ours ? `mined here, +${rnt(BigInt(news.reward))} RNT` : 'from a peer, verified';
      const fork = news.disconnected > 0 ? `, ${news.disconnected} blocks of another branch left` : '';
      return `block ${news.height}  loss ${nats(news.valLoss)} (-${nats(gain)})  model ${news.dModel} x ${news.nLayers}  ${who}${fork}`;
    }
    case 'not-active':
      return `block ${news.hash.slice(0, 12)} is valid but not the tip: ${news.reason}`;
    case 'refused':
      return `refused ${news.hash?.slice(0, 12) ?? 'a message'}: ${news.code}, ${news.detail}`;
    case 'alarm':
      return `ALARM: ${news.reason}`;
    case 'peer':
      return news.state === 'ready'
        ? `peer ${news.address} ${news.detail}`
        : `peer ${news.address} gone (${news.detail})`;
    case 'mining':
      return news.mining ? `mining: ${news.reason}` : `not mining: ${news.reason}`;
    case 'miner':
      return news.line;
    case 'evaluation-failed':
      return `an evaluation failed and is tried again: ${news.detail}`;
    case 'rebuilding':
      return `rebuilding the ledger: block ${news.height} of ${news.tipHeight}${timeLeft(news.secondsLeft)}`;
    case 'rebuilt':
      return `the ledger is rebuilt up to block ${news.height}`;
    case 'rebuild-stopped':
      return `the rebuild is stopped at block ${news.height} of ${news.tipHeight}; the next start goes on`;
    case 'wallet':
      return `wallet ${news.wallet}: ${news.line}`;
    case 'stopping':
      return 'stopping ...';
    case 'verified':
    case 'final':
      return null;
  }
}

function timeLeft(seconds: number | null): string {
  if (seconds === null) return '';
  return seconds < 120 ? `, about ${seconds} s left` : `, about ${Math.round(seconds / 60)} min left`;
}

/** Prints lines with the time; on a terminal the last line shows what the miner is doing. */
export class NewsPrinter {
  readonly #out: NodeJS.WriteStream;
  #statusShown = false;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  print(news: NodeNews): void {
    const line = newsLine(news);
    if (line !== null) this.line(`${new Date().toISOString().slice(11, 19)}  ${line}`);
  }

  line(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
  }

  /** Keeps a status line of the node below the printed ones (on a terminal only). */
  follow(node: ResonanceNode): void {
    if (this.#out.isTTY !== true) return;
    this.#timer = setInterval(() => {
      this.#clear();
      this.#out.write(statusLine(node).slice(0, (this.#out.columns ?? 120) - 1));
      this.#statusShown = true;
    }, 500);
    this.#timer.unref();
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#clear();
  }

  #clear(): void {
    if (this.#statusShown) this.#out.write('\r\u001b[2K');
    this.#statusShown = false;
  }
}

function statusLine(node: ResonanceNode): string {
  const { header } = node.chain.tip();
  const { stats } = node.mining.miner;
  const peers = `${node.machine.peers().length} peers`;
  const { reason } = node.mining;
  if (reason !== null) return `${peers}  ${reason}`;
  const needs = nats(header.valLoss - node.config.params.lossStep);
  const loss = stats.trainLoss === null ? '' : `training loss ${stats.trainLoss.toFixed(3)}  `;
  return `${peers}  ${loss}${(stats.tokensPerSecond / 1000).toFixed(1)}k tokens/s  next block needs ${needs} nats or less`;
}
