// JSON-RPC 2.0 without transport: a parsed request in, a response out (jsonrpc.org/specification; batches, notifications).

import { RPC_ERROR, type RpcContext, RpcError, type RpcMethod } from './rpc-method.ts';

export interface RpcResponse {
  readonly jsonrpc: '2.0';
  readonly id: string | number | null;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

const maxBatch = 100;
const noWallet: RpcContext = { wallet: null };

function failure(id: string | number | null, code: number, message: string): RpcResponse {
  return { jsonrpc: '2.0', id, error: { code, message } };
}

/** Positional parameters by the names of the declaration. */
function byName(method: RpcMethod, params: unknown): unknown {
  if (!Array.isArray(params)) return params ?? {};
  const names = Object.keys(method.params.shape);
  if (params.length > names.length)
    throw new RpcError(
      RPC_ERROR.invalidParams,
      `${method.name} takes ${names.length} parameters (${names.join(', ') || 'none'}), got ${params.length}.`,
    );
  return Object.fromEntries(params.map((value, i) => [names[i] ?? '', value]).filter(([, value]) => value !== null));
}

async function call(
  methods: ReadonlyMap<string, RpcMethod>,
  request: object,
  context: RpcContext,
): Promise<RpcResponse | null> {
  const given = request as {
    readonly jsonrpc?: unknown;
    readonly id?: unknown;
    readonly method?: unknown;
    readonly params?: unknown;
  };
  const id = typeof given.id === 'string' || typeof given.id === 'number' ? given.id : null;
  const isNotification = !('id' in given);
  if (typeof given.method !== 'string' || (given.params !== undefined && typeof given.params !== 'object'))
    return failure(
      id,
      RPC_ERROR.invalidRequest,
      'A request needs a "method" (text) and may have "params" (array or object).',
    );
  const method = methods.get(given.method);
  if (method === undefined)
    return isNotification
      ? null
      : failure(id, RPC_ERROR.methodNotFound, `There is no method '${given.method}'. Call 'help' for the list.`);
  try {
    const parsed = method.params.strict().safeParse(byName(method, given.params));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new RpcError(
        RPC_ERROR.invalidParams,
        `${given.method}: ${issue?.path.join('.') || 'parameters'}: ${issue?.message ?? 'not understood'}.`,
      );
    }
    const result: unknown = await method.handler(parsed.data, context);
    return isNotification ? null : { jsonrpc: '2.0', id, result: result ?? null };
  } catch (error) {
    if (isNotification) return null;
    if (error instanceof RpcError) return failure(id, error.code, error.message);
    throw error;
  }
}

/**
 * Answers one request or a batch; null when nothing is to be sent (notifications only). An exception that is no RpcError is the node's
 * own fault and is thrown on, so that the server logs it.
 */
export async function dispatch(
  methods: ReadonlyMap<string, RpcMethod>,
  body: unknown,
  context: RpcContext = noWallet,
): Promise<RpcResponse | RpcResponse[] | null> {
  if (Array.isArray(body)) {
    if (body.length === 0 || body.length > maxBatch)
      return failure(null, RPC_ERROR.invalidRequest, `A batch has 1 to ${maxBatch} requests.`);
    const answers: RpcResponse[] = [];
    for (const request of body) {
      const answer = await one(methods, request, context);
      if (answer !== null) answers.push(answer);
    }
    return answers.length === 0 ? null : answers;
  }
  return one(methods, body, context);
}

function one(
  methods: ReadonlyMap<string, RpcMethod>,
  request: unknown,
  context: RpcContext,
): Promise<RpcResponse | null> {
  if (typeof request !== 'object' || request === null)
    return Promise.resolve(
      failure(null, RPC_ERROR.invalidRequest, 'A request is an object: {"jsonrpc":"2.0","id":1,"method":"help"}.'),
    );
  return call(methods, request, context);
}
