// The RPC server: JSON-RPC 2.0 by HTTP POST on loopback, with a cookie that only the node's account can read (as Bitcoin Core has it).

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { dispatch } from './dispatch.ts';
import { RPC_ERROR, type RpcContext, type RpcMethod } from './rpc-method.ts';

const cookieUser = '__cookie__';
const maxBody = 4 << 20;

export interface RpcServerOptions {
  readonly host: string;
  readonly port: number;
  /** File for the cookie, mode 0600; removed when the server closes. */
  readonly cookieFile: string;
  readonly methods: readonly RpcMethod[];
  readonly log: Logger;
}

export interface RpcServer {
  /** The port in use (the one asked for, or a free one if that was 0). */
  readonly port: number;
  close(): Promise<void>;
}

export class RpcListenError extends Error {
  readonly code = 'rpc-listen';
}

/** Starts the server; the cookie is new at every start. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const methods = new Map(options.methods.map((method) => [method.name, method]));
  const secret = Buffer.from(
    `Basic ${Buffer.from(`${cookieUser}:${randomBytes(32).toString('hex')}`).toString('base64')}`,
  );
  const server: FastifyInstance = fastify({ logger: false, bodyLimit: maxBody, forceCloseConnections: true });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  server.addHook('onRequest', async (request, reply) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length !== secret.length || !timingSafeEqual(given, secret))
      await reply
        .code(401)
        .header('WWW-Authenticate', 'Basic realm="jsonrpc"')
        .send({ error: `Wrong or missing credentials; they are in ${options.cookieFile}.` });
  });
  const answerTo = async (body: unknown, context: RpcContext, reply: FastifyReply): Promise<FastifyReply> => {
    const parsed = parseJson(body);
    if (parsed === undefined)
      return reply
        .code(400)
        .send({ jsonrpc: '2.0', id: null, error: { code: RPC_ERROR.parse, message: 'The request is no JSON.' } });
    try {
      const answer = await dispatch(methods, parsed, context);
      return answer === null ? reply.code(204).send() : reply.send(answer);
    } catch (error) {
      options.log.error({ err: error }, 'an RPC method failed');
      return reply.code(500).send({
        jsonrpc: '2.0',
        id: null,
        error: { code: RPC_ERROR.internal, message: 'The node failed to answer; its log says why.' },
      });
    }
  };
  server.post('/', (request, reply) => answerTo(request.body, { wallet: null }, reply));
  server.post<{ Params: { readonly name: string } }>('/wallet/:name', (request, reply) =>
    answerTo(request.body, { wallet: request.params.name }, reply),
  );
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (error) {
    throw new RpcListenError(
      `The RPC server cannot listen on ${options.host}:${options.port} (${error instanceof Error ? error.message : String(error)}). Stop what uses that port, or give another --rpc-port.`,
      { cause: error },
    );
  }
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  const plain = Buffer.from(secret.toString().slice('Basic '.length), 'base64').toString();
  writeFileSync(options.cookieFile, plain, { mode: 0o600 });
  return {
    port,
    close: async () => {
      rmSync(options.cookieFile, { force: true });
      await server.close();
    },
  };
}

/** undefined: the text is no JSON. */
function parseJson(body: unknown): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : '') as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
