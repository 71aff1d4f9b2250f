// Reads a compiled module's sections and every instruction of its code (WebAssembly core specification, chapter 5), to prove what it does not contain.

/** First and last sub-opcode of relaxed SIMD under the prefix 0xfd (WebAssembly/relaxed-simd, Overview.md): results differ between machines. */
const RELAXED_FIRST = 0x100;
const RELAXED_LAST = 0x12f;

export interface ModuleContents {
  readonly imports: readonly string[];
  readonly mutableGlobals: number;
  readonly dataSegments: number;
  readonly hasStart: boolean;
  readonly functions: number;
  readonly instructions: number;
  /** How often each instruction under the SIMD prefix 0xfd occurs, by sub-opcode. */
  readonly simd: ReadonlyMap<number, number>;
}

class Cursor {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new RangeError('the module ends too early');
    return value;
  }

  /** LEB128; the value is exact for unsigned numbers below 2^32, signed ones are only skipped. */
  leb(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  name(): string {
    const length = this.leb();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }

  memoryArgument(): void {
    this.leb();
    this.leb();
  }
}

/** Moves past the immediates of a one-byte opcode. */
function skipImmediates(cursor: Cursor, opcode: number): void {
  if ((opcode >= 0x45 && opcode <= 0xc4) || [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1].includes(opcode)) return;
  if (opcode >= 0x28 && opcode <= 0x3e) cursor.memoryArgument();
  else if (opcode === 0x43) cursor.at += 4;
  else if (opcode === 0x44) cursor.at += 8;
  else if (opcode === 0x0e || opcode === 0x1c) {
    for (let n = cursor.leb() + (opcode === 0x0e ? 1 : 0); n > 0; n--) cursor.leb();
  } else if (opcode === 0x11 || opcode === 0x13) {
    cursor.leb();
    cursor.leb();
  } else if (
    [0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x12, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2].includes(opcode) ||
    (opcode >= 0x20 && opcode <= 0x26)
  ) {
    cursor.leb();
  } else throw new RangeError(`unknown opcode 0x${opcode.toString(16)} at byte ${cursor.at - 1}`);
}

function skipBulkImmediates(cursor: Cursor, sub: number): void {
  if (sub <= 7) return;
  if (sub > 17) throw new RangeError(`unknown opcode 0xfc ${sub}`);
  const count = [8, 10, 12, 14].includes(sub) ? 2 : 1;
  for (let i = 0; i < count; i++) cursor.leb();
}

function skipSimdImmediates(cursor: Cursor, sub: number): void {
  if (sub <= 11 || sub === 92 || sub === 93) cursor.memoryArgument();
  else if (sub === 12 || sub === 13) cursor.at += 16;
  else if (sub >= 21 && sub <= 34) cursor.at += 1;
  else if (sub >= 84 && sub <= 91) {
    cursor.memoryArgument();
    cursor.at += 1;
  } else if (sub > RELAXED_LAST) throw new RangeError(`unknown opcode 0xfd ${sub}`);
}

/** Reads the instructions of one function body up to `end`; returns how many there are. */
function readBody(cursor: Cursor, end: number, simd: Map<number, number>): number {
  for (let groups = cursor.leb(); groups > 0; groups--) {
    cursor.leb();
    cursor.byte();
  }
  let instructions = 0;
  for (; cursor.at < end; instructions++) {
    const opcode = cursor.byte();
    if (opcode === 0xfc) skipBulkImmediates(cursor, cursor.leb());
    else if (opcode === 0xfd) {
      const sub = cursor.leb();
      simd.set(sub, (simd.get(sub) ?? 0) + 1);
      skipSimdImmediates(cursor, sub);
    } else if (opcode === 0xfe) {
      if (cursor.leb() === 3) cursor.byte();
      else cursor.memoryArgument();
    } else skipImmediates(cursor, opcode);
  }
  if (cursor.at !== end) throw new RangeError('an instruction runs beyond its function');
  return instructions;
}

function readImports(cursor: Cursor): string[] {
  return Array.from({ length: cursor.leb() }, () => {
    const name = `${cursor.name()}.${cursor.name()}`;
    const kind = cursor.byte();
    if (kind === 0) cursor.leb();
    else if (kind === 2) {
      const flags = cursor.byte();
      cursor.leb();
      if ((flags & 1) !== 0) cursor.leb();
    } else throw new RangeError(`import ${name} is neither a function nor a memory`);
    return name;
  });
}

function countMutableGlobals(cursor: Cursor): number {
  let mutable = 0;
  for (let n = cursor.leb(); n > 0; n--) {
    cursor.byte();
    mutable += cursor.byte();
    for (let opcode = cursor.byte(); opcode !== 0x0b; opcode = cursor.byte()) {
      if (opcode === 0xfd) skipSimdImmediates(cursor, cursor.leb());
      else skipImmediates(cursor, opcode);
    }
  }
  return mutable;
}

/** What a module of the WebAssembly binary format contains. Throws a RangeError for anything it cannot read to the last instruction. */
export function readModule(bytes: Uint8Array): ModuleContents {
  const cursor = new Cursor(bytes, 8);
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== '\0asm') throw new RangeError('not a WebAssembly module');
  const simd = new Map<number, number>();
  let imports: string[] = [];
  let mutableGlobals = 0;
  let dataSegments = 0;
  let hasStart = false;
  let functions = 0;
  let instructions = 0;
  while (cursor.at < bytes.length) {
    const section = cursor.byte();
    const size = cursor.leb();
    const end = cursor.at + size;
    if (section === 2) imports = readImports(cursor);
    else if (section === 6) mutableGlobals = countMutableGlobals(cursor);
    else if (section === 8) hasStart = true;
    else if (section === 10) {
      functions = cursor.leb();
      for (let i = 0; i < functions; i++) {
        const bodySize = cursor.leb();
        instructions += readBody(cursor, cursor.at + bodySize, simd);
      }
    } else if (section === 11) dataSegments = cursor.leb();
    cursor.at = end;
  }
  return { imports, mutableGlobals, dataSegments, hasStart, functions, instructions, simd };
}

/** Sub-opcodes of relaxed SIMD that occur in the module, ascending. */
export function relaxedInstructions(contents: ModuleContents): number[] {
  return [...contents.simd.keys()].filter((sub) => sub >= RELAXED_FIRST && sub <= RELAXED_LAST).sort((a, b) => a - b);
}

/** What makes a module unfit to be instantiated by several threads over one memory, and, unless allowed, its relaxed instructions. */
export function moduleFaults(contents: ModuleContents, options: { readonly relaxed: boolean }): string[] {
  const faults: string[] = [];
  const foreign = contents.imports.filter((name) => name !== 'env.memory');
  if (foreign.length > 0) faults.push(`it imports ${foreign.join(', ')}; only env.memory may be imported`);
  if (!contents.imports.includes('env.memory')) faults.push('it does not import env.memory');
  if (contents.mutableGlobals > 0)
    faults.push(`it has ${contents.mutableGlobals} mutable globals: one value per thread; keep state in memory`);
  if (contents.dataSegments > 0)
    faults.push(
      'it has data segments: every thread that starts would write them again; avoid strings and static arrays',
    );
  if (contents.hasStart)
    faults.push('it has a start function: every thread would run it; avoid statements at top level');
  const relaxed = relaxedInstructions(contents);
  if (!options.relaxed && relaxed.length > 0)
    faults.push(`it has relaxed instructions (0xfd ${relaxed.join(', ')}), whose results differ between machines`);
  return faults;
}
