// A format declared once as a value: reads untrusted parsed JSON into a typed object and writes its one canonical text (NET-4).

/** Why a text is not a network file. `path` names the field (`ports.p2p`), '' the whole. */
export interface SchemaProblem {
  readonly code:
    | 'too-long'
    | 'not-json'
    | 'missing-field'
    | 'unknown-field'
    | 'wrong-type'
    | 'out-of-range'
    | 'relation';
  readonly path: string;
  readonly message: string;
}

/** Carries a problem up to the one place that turns it into a verdict. */
export class SchemaError extends Error {
  readonly problem: SchemaProblem;
  constructor(problem: SchemaProblem) {
    super(`${problem.path === '' ? 'network file' : problem.path}: ${problem.message}`);
    this.name = 'SchemaError';
    this.problem = problem;
  }
}

/** One field's format. `read` throws SchemaError; `write` gives canonical JSON of a value that `read` would accept. */
export interface Field<T> {
  read(value: unknown, path: string): T;
  write(value: T): string;
}

function fail(code: SchemaProblem['code'], path: string, message: string): never {
  throw new SchemaError({ code, path, message });
}

/** How a value is named in a message: type and, for short scalars, the value. Never an attacker's long text. */
function shown(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (typeof value === 'string')
    return value.length <= 40 ? JSON.stringify(value) : `a string of ${value.length} characters`;
  if (value === undefined) return 'nothing';
  return Array.isArray(value) ? 'an array' : 'an object';
}

/** An integer in [min, max], written in decimal. */
export function integer(min: number, max: number): Field<number> {
  return {
    read(value, path) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value))
        fail('wrong-type', path, `expected an integer, found ${shown(value)}`);
      if (value < min || value > max) fail('out-of-range', path, `expected ${min} to ${max}, found ${value}`);
      // JSON has a negative zero; adding zero makes it the ordinary one.
      return value + 0;
    },
    write: (value) => String(value),
  };
}

/** A 64-bit amount or time: a JSON string of decimal digits without leading zeros, because JSON numbers lose precision beyond 2^53. */
export function decimal(min: bigint, max: bigint): Field<bigint> {
  return {
    read(value, path) {
      if (typeof value !== 'string' || !/^(0|[1-9][0-9]{0,19})$/.test(value)) {
        fail('wrong-type', path, `expected a string of decimal digits without leading zeros, found ${shown(value)}`);
      }
      const number = BigInt(value);
      if (number < min || number > max) fail('out-of-range', path, `expected ${min} to ${max}, found ${value}`);
      return number;
    },
    write: (value) => `"${value}"`,
  };
}

/**
 * A multiple of 2^-12 in [0, 4). Its shortest decimal form is its exact value, so that every language writes the same text.
 */
export function amplitude(): Field<number> {
  return {
    read(value, path) {
      if (typeof value !== 'number') fail('wrong-type', path, `expected a number, found ${shown(value)}`);
      if (!(value >= 0 && value < 4) || !Number.isInteger(value * 4096) || Object.is(value, -0)) {
        fail('out-of-range', path, `expected a multiple of 1/4096 from 0 to below 4, found ${value}`);
      }
      return value;
    },
    write: (value) => String(value),
  };
}

/** A string that matches the whole pattern. Patterns admit no character that JSON escapes. */
export function text(pattern: RegExp, expected: string): Field<string> {
  return {
    read(value, path) {
      if (typeof value !== 'string') fail('wrong-type', path, `expected ${expected}, found ${shown(value)}`);
      if (!pattern.test(value)) fail('out-of-range', path, `expected ${expected}, found ${shown(value)}`);
      return value;
    },
    write: (value) => `"${value}"`,
  };
}

/** 32 bytes as 64 lower-case hex digits. */
export function hex32(): Field<string> {
  return text(/^[0-9a-f]{64}$/, '64 lower-case hex digits');
}

/** One of a closed list of strings. */
export function choice<const T extends string>(options: readonly T[]): Field<T> {
  return {
    read(value, path) {
      const found = options.find((option) => option === value);
      if (found === undefined)
        fail('out-of-range', path, `expected one of ${options.join(', ')}, found ${shown(value)}`);
      return found;
    },
    write: (value) => `"${value}"`,
  };
}

export function flag(): Field<boolean> {
  return {
    read(value, path) {
      if (typeof value !== 'boolean') fail('wrong-type', path, `expected true or false, found ${shown(value)}`);
      return value;
    },
    write: (value) => String(value),
  };
}

/** An array of `min` to `max` elements; the count is checked before any element. */
export function list<T>(element: Field<T>, min: number, max: number): Field<readonly T[]> {
  return {
    read(value, path) {
      if (!Array.isArray(value)) fail('wrong-type', path, `expected an array, found ${shown(value)}`);
      if (value.length < min || value.length > max) {
        fail('out-of-range', path, `expected ${min} to ${max} elements, found ${value.length}`);
      }
      return value.map((item, index) => element.read(item, `${path}[${index}]`));
    },
    write: (values) => `[${values.map((value) => element.write(value)).join(',')}]`,
  };
}

/** null or the field. */
export function nullable<T>(field: Field<T>): Field<T | null> {
  return {
    read: (value, path) => (value === null ? null : field.read(value, path)),
    write: (value) => (value === null ? 'null' : field.write(value)),
  };
}

/** An object with exactly these fields, written in this order without white space. */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Field<T[K]> }): Field<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return {
    read(value, path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        fail('wrong-type', path, `expected an object, found ${shown(value)}`);
      }
      const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
      const known: readonly string[] = names;
      const extra = Object.keys(value).find((name) => !known.includes(name));
      if (extra !== undefined) {
        fail('unknown-field', path, `unknown field ${shown(extra)}; the fields here are ${names.join(', ')}`);
      }
      const source = value as Readonly<Record<string, unknown>>;
      const result: Partial<T> = {};
      for (const name of names) {
        if (!Object.hasOwn(source, name)) fail('missing-field', at(name), 'the field is missing');
        result[name] = fields[name].read(source[name], at(name));
      }
      return result as T;
    },
    write: (value) => `{${names.map((name) => `"${name}":${fields[name].write(value[name])}`).join(',')}}`,
  };
}
