// Asks the node on this machine: JSON-RPC 2.0 by HTTP with the cookie that the node keeps in its folder (apps/node/src/rpc/rpc-server.ts).

import { readFileSync } from 'node:fs';
import { request } from 'node:http';

export interface RpcTarget {
  readonly host: string;
  readonly port: number;
  readonly cookieFile: string;
}

/** The node answered that it would not or could not. */
export class RpcFailure extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** No answer of a node: none is running, or it is not the one that was meant. */
export class NoNodeError extends Error {
  readonly code: 'no-node' | 'wrong-cookie' | 'not-a-node';
  constructor(code: NoNodeError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The node is starting and will answer later (RPC_IN_WARMUP of Bitcoin Core). */
export const WARMUP = -28;

/** host:port, for people. */
export const addressOf = ({ host, port }: RpcTarget): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

function readCookie(target: RpcTarget): string {
  try {
    return readFileSync(target.cookieFile, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new NoNodeError('no-node', `No node is running: there is no ${target.cookieFile}.`, { cause: error });
  }
}

interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

function post(target: RpcTarget, path: string, cookie: string, body: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const call = request({
      host: target.host,
      port: target.port,
      method: 'POST',
      path,
      // One connection for one call: none is left open for a next one.
      agent: false,
      headers: {
        authorization: `Basic ${Buffer.from(cookie).toString('base64')}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    });
    call.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string } | null;
}

function parseAnswer(target: RpcTarget, { status, body }: HttpAnswer): RpcAnswer {
  if (status === 401)
    throw new NoNodeError(
      'wrong-cookie',
      `The node at ${addressOf(target)} does not accept the cookie in ${target.cookieFile}: it is another node.`,
    );
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (typeof answer === 'object' && answer !== null && ('result' in answer || 'error' in answer))
    return answer as RpcAnswer;
  throw new NoNodeError('not-a-node', `What answers at ${addressOf(target)} (HTTP ${status}) is no ResonanceNet node.`);
}

/**
 * Calls a method once and gives its result, at `/` or at the path of a wallet. It may take as long as the node needs.
 * @throws NoNodeError without an answer of the node; RpcFailure with the node's own
 */
export async function callRpc(target: RpcTarget, method: string, params: unknown, path = '/'): Promise<unknown> {
  const cookie = readCookie(target);
  let http: HttpAnswer;
  try {
    http = await post(target, path, cookie, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  } catch (error) {
    const reason = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
    throw new NoNodeError('no-node', `No node answers at ${addressOf(target)} (${reason}).`, { cause: error });
  }
  const answer = parseAnswer(target, http);
  if (answer.error !== undefined && answer.error !== null)
    throw new RpcFailure(answer.error.code, answer.error.message);
  return answer.result;
}
