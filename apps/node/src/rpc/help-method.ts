// `help`: the methods and how to call them.

import { z } from 'zod';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from './rpc-method.ts';

function usage(method: RpcMethod): string {
  const params = Object.entries(method.params.shape).map(([name, schema]) =>
    (schema as z.ZodType).isOptional() ? `[${name}]` : name,
  );
  return [method.name, ...params].join(' ');
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w.:<>-]*$/.test(word) ? word : `'${word}'`;
}

/** The method `help` over the others. */
export function helpMethod(others: () => readonly RpcMethod[]): RpcMethod {
  return rpcMethod({
    name: 'help',
    summary: 'Lists all methods, or explains one.',
    params: z.object({ command: z.string().optional() }),
    result: 'text',
    example: ['getblock'],
    handler: ({ command }) => {
      if (command === undefined)
        return others()
          .map((method) => `${usage(method)}\n    ${method.summary}`)
          .join('\n');
      const method = others().find((candidate) => candidate.name === command);
      if (method === undefined) throw new RpcError(RPC_ERROR.methodNotFound, `There is no method '${command}'.`);
      const example = [
        'rnt rpc',
        method.name,
        ...method.example.map((value) => quoted(typeof value === 'string' ? value : JSON.stringify(value))),
      ].join(' ');
      return `${usage(method)}\n\n${method.summary}\n\nResult: ${method.result}\n\nExample:\n  $ ${example}`;
    },
  });
}
