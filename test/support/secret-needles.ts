// A wallet's secrets in every form in which something could hold or print them, and where they stand in files.

import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes read at a time. */
const PART = 1 << 22;

export type Needles = ReadonlyMap<string, Uint8Array>;

/** By name: raw, as hexadecimal digits, as base64 wherever in it they begin; texts also with two bytes a character, as the engine may keep them. */
export function needlesOf(secrets: Readonly<Record<string, Uint8Array | string>>): Needles {
  const needles = new Map<string, Uint8Array>();
  for (const [name, secret] of Object.entries(secrets)) {
    const bytes = Buffer.from(secret as string);
    needles.set(name, bytes);
    if (typeof secret === 'string') needles.set(`${name}, wide`, Buffer.from(secret, 'utf16le'));
    const hex = bytes.toString('hex');
    for (const [form, text] of [
      ['hex', hex],
      ['HEX', hex.toUpperCase()],
      ...[0, 1, 2].map((shift) => [`base64 ${shift}`, inBase64(bytes, shift)] as const),
    ] as const)
      needles.set(`${name}, ${form}`, Buffer.from(text));
  }
  return needles;
}

/** What base64 of something that has these bytes after `shift` others contains whatever stands around them. */
function inBase64(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replaceAll('=', '');
  return text.slice(shift === 0 ? 0 : shift + 1, -2);
}

export function findInBytes(bytes: Buffer, needles: Needles): string[] {
  return [...needles].filter(([, needle]) => bytes.includes(needle)).map(([name]) => name);
}

/** Of a file of any size. */
export function findInFile(path: string, needles: Needles): Set<string> {
  const longest = Math.max(...[...needles.values()].map(({ length }) => length));
  const found = new Set<string>();
  const part = Buffer.alloc(PART + longest);
  const file = openSync(path, 'r');
  try {
    for (let at = 0; ; at += PART) {
      const length = readSync(file, part, 0, part.length, at);
      for (const name of findInBytes(part.subarray(0, length), needles)) found.add(name);
      if (length < part.length) return found;
    }
  } finally {
    part.fill(0);
    closeSync(file);
  }
}

/** Names of secrets with the files that hold them. */
export function findInFolder(folder: string, needles: Needles): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    for (const needle of findInBytes(readFileSync(path), needles)) found.push(`${needle} in ${name}`);
  }
  return found;
}
