// The way to an unlocked wallet's signer, for node and command line. One question at a time on a connection of its own.

import { connect } from 'node:net';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import {
  FrameReader,
  frameOf,
  type MessageToSign,
  type SignerAnswer,
  type SignerRequest,
  signerAnswerCodec,
  signerRequestCodec,
  type WantedKeys,
} from './serve/signer-protocol.ts';
import { socketPath } from './serve/socket-path.ts';

/** `locked`: nobody has unlocked the wallet; `refused`: it will not do this; `unreachable`: it does not answer. */
export type SignerClientCode = 'locked' | 'refused' | 'unreachable';

export class SignerClientError extends Error {
  readonly code: SignerClientCode;

  constructor(code: SignerClientCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SignerClientError';
    this.code = code;
  }
}

export interface ClientStatus {
  readonly isUnlocked: boolean;
  /** When it locks by itself, Unix milliseconds; null: it is locked, or stays open. */
  readonly locksAtUnixMs: number | null;
}

/** Signing a large transaction takes seconds. */
const PATIENCE_MS = 60_000;

export class SignerClient {
  readonly #name: string;
  readonly #path: string;

  /** `walletFolder`: of the wallet `name`. */
  constructor(name: string, walletFolder: string) {
    this.#name = name;
    this.#path = socketPath(walletFolder);
  }

  /** @throws SignerClientError `unreachable` */
  async status(): Promise<ClientStatus> {
    try {
      const { locksAtUnixMs } = await this.#ask({ kind: 'status' }, 'status');
      return { isUnlocked: true, locksAtUnixMs: locksAtUnixMs === null ? null : Number(locksAtUnixMs) };
    } catch (error) {
      if (error instanceof SignerClientError && error.code === 'locked')
        return { isUnlocked: false, locksAtUnixMs: null };
      throw error;
    }
  }

  /** An encoded key window. @throws SignerClientError */
  async window(wanted: WantedKeys): Promise<Uint8Array> {
    return (await this.#ask({ kind: 'window', ...wanted }, 'window')).window;
  }

  /** An encoded partially signed transaction with the signatures of this wallet's keys. @throws SignerClientError */
  async sign(rntp: Uint8Array): Promise<Uint8Array> {
    return (await this.#ask({ kind: 'sign', rntp }, 'signed')).rntp;
  }

  /** The text form of a signed message. @throws SignerClientError */
  async signMessage(place: Omit<MessageToSign, 'message'>, message: string): Promise<string> {
    return (await this.#ask({ kind: 'signMessage', ...place, message }, 'message')).proof;
  }

  /** Ends it; when this resolves its process has let go of the socket. Whether it was unlocked. @throws SignerClientError */
  async lock(): Promise<boolean> {
    try {
      await this.#ask({ kind: 'lock' }, 'locked');
      return true;
    } catch (error) {
      if (error instanceof SignerClientError && error.code === 'locked') return false;
      throw error;
    }
  }

  async #ask<K extends SignerAnswer['kind']>(
    request: SignerRequest,
    kind: K,
  ): Promise<Extract<SignerAnswer, { readonly kind: K }>> {
    const answer = await this.#exchange(request);
    if (answer.kind === kind) return answer as Extract<SignerAnswer, { readonly kind: K }>;
    if (answer.kind === 'refused')
      throw new SignerClientError('refused', `The signer of wallet '${this.#name}' refuses: ${answer.detail}.`);
    throw this.#unreachable(`it answered ${answer.kind} instead of ${kind}`);
  }

  #exchange(request: SignerRequest): Promise<SignerAnswer> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#path);
      const frames = new FrameReader();
      let message: Uint8Array | null = null;
      const fail = (error: SignerClientError): void => {
        socket.destroy();
        reject(error);
      };
      socket.setTimeout(PATIENCE_MS, () => fail(this.#unreachable('it does not answer')));
      socket.on('connect', () => socket.write(frameOf(encode(signerRequestCodec, request))));
      socket.on('error', (error: NodeJS.ErrnoException) => fail(this.#failure(error)));
      socket.on('data', (part: Buffer) => {
        const frame = frames.add(part);
        if (frame === 'refused') fail(this.#unreachable('its answer is too long'));
        else if (frame !== null) message = frame;
      });
      // The other side ends the connection when it has answered, and a signer that locks when it is gone.
      socket.on('close', () => {
        const decoded = message === null ? null : decode(signerAnswerCodec, message);
        if (decoded?.ok === true) resolve(decoded.value);
        else reject(this.#unreachable(decoded === null ? 'it ended' : decoded.error.message));
      });
    });
  }

  #failure(error: NodeJS.ErrnoException): SignerClientError {
    // EINVAL: the path is too long for a socket, so that nobody listens there either.
    const isLocked = ['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'EINVAL'].includes(error.code ?? '');
    if (!isLocked) return this.#unreachable(error.message, error);
    const message = `Wallet '${this.#name}' is locked: unlock it with rnt wallet unlock ${this.#name}.`;
    return new SignerClientError('locked', message, { cause: error });
  }

  #unreachable(why: string, cause?: unknown): SignerClientError {
    return new SignerClientError('unreachable', `The signer of wallet '${this.#name}' is out of reach: ${why}.`, {
      cause,
    });
  }
}
