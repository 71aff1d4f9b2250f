// A peer that obeys the transport and nothing else: a test decides what it says and what it answers.

import type { Now } from '@resonancenet/chain/events';
import { NO_ID } from '../messages/ids.ts';
import type { Command, PeerMessage } from '../messages/message.ts';
import type { NodeAction, NodeEvent } from '../node-machine.ts';
import { PeerSession, type SessionAction, type SessionNetwork } from '../peer-session.ts';
import { TokenBucket } from '../token-bucket.ts';
import { testVersion } from './session-pair.ts';

/** What the puppet says to a message; nothing by default. */
export type PuppetMind = (message: PeerMessage, say: (message: PeerMessage) => void) => void;

export interface PuppetOptions {
  readonly network: SessionNetwork;
  /** Makes its static key and nonce its own. */
  readonly number: number;
  /** Addresses that it connects to, and again when the connection ends. */
  readonly targets: readonly string[];
  readonly mind?: PuppetMind;
}

export class Puppet {
  readonly #options: PuppetOptions;
  readonly #sessions = new Map<string, PeerSession>();
  readonly received: PeerMessage[] = [];
  mind: PuppetMind;
  /** Connections that were ready at some time. */
  connections = 0;

  constructor(options: PuppetOptions) {
    this.#options = options;
    this.mind = options.mind ?? (() => undefined);
  }

  get isConnected(): boolean {
    return [...this.#sessions.values()].some((session) => session.isReady);
  }

  /** Commands received, oldest first. */
  get heard(): Command[] {
    return this.received.map(({ command }) => command);
  }

  /** Bytes that say a message to everybody it is connected to. */
  say(message: PeerMessage, now: Now): NodeAction[] {
    return [...this.#sessions].flatMap(([peer, session]) =>
      session.isReady ? this.#translate(peer, session.step({ type: 'send', message }, now.monotonicMs), now) : [],
    );
  }

  step(event: NodeEvent, now: Now): NodeAction[] {
    switch (event.type) {
      case 'start':
        return this.#options.targets.map((address) => ({ type: 'connect', address }));
      case 'peer-connected': {
        const { number, network } = this.#options;
        const session = new PeerSession({
          initiator: event.outbound,
          network,
          staticSecret: Uint8Array.from({ length: 32 }, (_, index) =>
            index >= 8 && index < 12 ? number >> (8 * (index - 8)) : 77,
          ),
          ephemeralSecret: event.entropy,
          version: { ...testVersion(BigInt(1_000_000 + number)), network: network.id },
          announced: new TokenBucket(1_000_000, 1_000_000, now.monotonicMs),
          nowMs: now.monotonicMs,
        });
        this.#sessions.set(event.peer, session);
        return this.#feed(event.peer, new Uint8Array(0), now);
      }
      case 'bytes':
        return this.#feed(event.peer, event.bytes, now);
      case 'peer-closed':
        this.#sessions.delete(event.peer);
        return this.#options.targets.map((address) => ({ type: 'connect', address }));
      default:
        return [];
    }
  }

  #feed(peer: string, bytes: Uint8Array, now: Now): NodeAction[] {
    const session = this.#sessions.get(peer);
    return session === undefined
      ? []
      : this.#translate(peer, session.step({ type: 'bytes', bytes }, now.monotonicMs), now);
  }

  #translate(peer: string, actions: readonly SessionAction[], now: Now): NodeAction[] {
    const out: NodeAction[] = [];
    for (const action of actions) {
      if (action.type === 'send') out.push({ type: 'send', peer, bytes: action.bytes });
      else if (action.type === 'close') {
        this.#sessions.delete(peer);
        out.push({ type: 'close', peer, reason: action.reason });
      } else if (action.type === 'ready') this.connections += 1;
      else if (action.type === 'message') {
        this.received.push(action.message);
        const said: PeerMessage[] = [];
        this.mind(action.message, (message) => said.push(message));
        for (const message of said) {
          const session = this.#sessions.get(peer);
          if (session !== undefined)
            out.push(...this.#translate(peer, session.step({ type: 'send', message }, now.monotonicMs), now));
        }
      }
    }
    return out;
  }
}

/** Answers every `getheaders` with nothing: a peer that has only block 0. */
export const emptyMind: PuppetMind = (message, say) => {
  if (message.command === 'getheaders')
    say({ command: 'headers', body: { request: message.body.request, headers: [] } });
};

/** `stop` and locator for a question of one's own. */
export function askAll(request: number): PeerMessage {
  return { command: 'getheaders', body: { request, locator: [], stop: NO_ID } };
}
