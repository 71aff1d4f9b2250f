import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { moduleFaults, readModule, relaxedInstructions } from './inspect-module.ts';

async function built(name: string): Promise<Uint8Array> {
  return await readFile(new URL(`../../build/${name}.wasm`, import.meta.url));
}

/** A module with one section of its own. `body`: instructions of its only function, without locals. */
function moduleOf(sections: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
}

function section(id: number, ...content: number[]): number[] {
  return [id, content.length, ...content];
}

const MEMORY_IMPORT = section(2, 1, 3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 3, 1, 1);

/** A module that imports env.memory and has one function with this body. */
function moduleWithCode(...body: number[]): Uint8Array {
  const code = [0, ...body, 0x0b];
  return moduleOf([section(1, 1, 0x60, 0, 0), MEMORY_IMPORT, section(3, 1, 0), section(10, 1, code.length, ...code)]);
}

const F32X4_MUL = 0xe6;
const F32X4_ADD = 0xe4;

test('the exact evaluator contains no relaxed instruction, and is read to its last instruction', async () => {
  const contents = readModule(await built('exact'));
  assert.deepEqual(relaxedInstructions(contents), []);
  assert.deepEqual(moduleFaults(contents, { relaxed: false }), []);
  // What must be there: a reader that skipped code would find less.
  assert.ok((contents.simd.get(F32X4_MUL) ?? 0) > 50);
  assert.ok((contents.simd.get(F32X4_ADD) ?? 0) > 50);
  assert.ok(contents.functions > 20 && contents.instructions > 3000);
});

test('the trainer is fit to be shared by threads', async () => {
  assert.deepEqual(moduleFaults(readModule(await built('train')), { relaxed: true }), []);
});

test('the reader finds every relaxed instruction, wherever it stands', () => {
  for (let sub = 0x100; sub <= 0x113; sub++) {
    const leb = [(sub & 0x7f) | 0x80, sub >> 7];
    // i32.const, a shuffle and a v128.const before it: immediates that look like opcodes must not mislead the reader.
    const noise = [0x41, 0xfd, 0x00, 0x1a, 0xfd, 0x0c, ...Array.from({ length: 16 }, () => 0xfd), 0x1a];
    const contents = readModule(moduleWithCode(...noise, 0xfd, ...leb));
    assert.deepEqual(relaxedInstructions(contents), [sub]);
    assert.match(moduleFaults(contents, { relaxed: false })[0]!, /relaxed/);
    assert.deepEqual(moduleFaults(contents, { relaxed: true }), []);
  }
});

test('immediates that spell a relaxed instruction are not one', () => {
  const constant = [0xfd, 0x0c, 0xfd, 0x85, 0x02, ...Array.from({ length: 13 }, () => 0)];
  assert.deepEqual(relaxedInstructions(readModule(moduleWithCode(...constant, 0x1a))), []);
});

test('state in a module instance is a fault: data segments, mutable globals, a start function, foreign imports', () => {
  const faultsOf = (...sections: number[][]): string[] =>
    moduleFaults(readModule(moduleOf(sections)), { relaxed: false });
  const mutableGlobal = section(6, 1, 0x7f, 1, 0x41, 0, 0x0b);
  const constantGlobal = section(6, 1, 0x7f, 0, 0x41, 0, 0x0b);
  const segment = section(11, 1, 0, 0x41, 0, 0x0b, 1, 42);
  assert.deepEqual(faultsOf(MEMORY_IMPORT, constantGlobal), []);
  assert.match(faultsOf(MEMORY_IMPORT, mutableGlobal)[0]!, /mutable/);
  assert.match(faultsOf(MEMORY_IMPORT, segment)[0]!, /data segments/);
  assert.match(faultsOf(MEMORY_IMPORT, section(8, 0))[0]!, /start/);
  const abort = section(2, 1, 3, 0x65, 0x6e, 0x76, 1, 0x61, 0, 0);
  assert.deepEqual(faultsOf(abort).length, 2);
});

test('what is no module, or has an opcode that the reader does not know, is refused', () => {
  assert.throws(() => readModule(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)), RangeError);
  assert.throws(() => readModule(moduleWithCode(0xff)), /unknown opcode 0xff/);
  assert.throws(() => readModule(moduleWithCode(0xfd, 0xff, 0x7f)), /unknown opcode 0xfd/);
  assert.throws(() => readModule(moduleWithCode(0x43, 1, 2)), /beyond its function/);
});
