// A JSON-RPC client as any user could write it: HTTP POST and the cookie.

import { readFileSync } from 'node:fs';
import { request } from 'node:http';

export interface RpcAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The node answered with an error. */
export class RpcFailure extends Error {
  readonly code: number;

  constructor(method: string, code: number, message: string) {
    super(`${method}: ${code} ${message}`);
    this.code = code;
  }
}

/** Sends a body with the given credentials (`user:password`; null sends none) and gives what came back. */
export function post(port: number, credentials: string | null, body: string, path = '/'): Promise<RpcAnswer> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (credentials !== null) headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return new Promise((resolve, reject) => {
    // A connection of its own for each request: what is measured includes what a stranger's client would do.
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        try {
          resolve({ status: response.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) });
        } catch (error) {
          reject(new Error(`The RPC server's answer is no JSON: ${text.slice(0, 200)}`, { cause: error }));
        }
      });
    });
    sent.setTimeout(30_000, () => sent.destroy(new Error('The RPC server did not answer within 30 s.')));
    sent.on('error', reject);
    sent.end(body);
  });
}

/**
 * Calls a method with the credentials of a cookie file.
 * @throws RpcFailure if the node answers with an error
 */
export async function callRpc<T>(
  port: number,
  cookieFile: string,
  method: string,
  params: readonly unknown[] | Readonly<Record<string, unknown>>,
  path = '/',
): Promise<T> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const answer = await post(port, readFileSync(cookieFile, 'utf8'), body, path);
  const { result, error } = answer.body as {
    readonly result?: T;
    readonly error?: { readonly code: number; readonly message: string };
  };
  if (error !== undefined) throw new RpcFailure(method, error.code, error.message);
  return result as T;
}
