// Whether this node is in contact with the network (CON-28, P2P-29): only then can it tell a late announcement from one that could not reach
// it. Peers that others chose for us do not count: whoever connects to us and leaves again must not change how we judge.

/** A chosen peer that was not heard for this long is taken as lost; live ones are pinged into saying something sooner (P2P-14). */
const HEARD_MS = 20_000;

/** After so long the peers that are left are all there are. */
const FORGET_MS = 86_400_000;

/** A peer that this node chose itself. */
export interface ChosenPeer {
  /** When something last came from it. */
  readonly heardMs: number;
  /** Connected, and it has told its headers. */
  readonly isReady: boolean;
}

export interface ContactChange {
  readonly value: boolean;
  readonly sinceMs: number;
}

export class Contact {
  /** Most chosen peers that were there at once. */
  #peak = 0;
  #state: ContactChange | null = null;

  /** Whether contact holds; null before the first chosen peer was there. */
  get value(): boolean | null {
    return this.#state?.value ?? null;
  }

  /** What has changed, null if nothing. */
  update(chosen: readonly ChosenPeer[], nowMs: number): ContactChange | null {
    const present = chosen.filter((peer) => isPresent(peer, nowMs)).length;
    this.#peak = Math.max(this.#peak, present);
    if (this.#state?.value === false && nowMs - this.#state.sinceMs >= FORGET_MS) this.#peak = present;
    if (this.#peak === 0) return null;
    const value = 3 * present >= 2 * this.#peak;
    if (this.#state?.value === value) return null;
    this.#state = { value, sinceMs: value ? nowMs : this.#lostMs(chosen, nowMs) };
    return this.#state;
  }

  /** When time alone may change the state. */
  nextMs(chosen: readonly ChosenPeer[], nowMs: number): number | null {
    const due = chosen.filter((peer) => isPresent(peer, nowMs)).map(({ heardMs }) => heardMs + HEARD_MS + 1);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** The last message of those whose loss left fewer than two thirds. */
  #lostMs(chosen: readonly ChosenPeer[], nowMs: number): number {
    const needed = Math.ceil((2 * this.#peak) / 3);
    const heard = chosen.map(({ heardMs }) => heardMs).sort((a, b) => b - a);
    return Math.min(nowMs, heard[needed - 1] ?? nowMs);
  }
}

function isPresent({ isReady, heardMs }: ChosenPeer, nowMs: number): boolean {
  return isReady && nowMs - heardMs <= HEARD_MS;
}
