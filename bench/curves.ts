// Draws docs/learning.svg: validation loss over training tokens, ours and the transformer peer's, on given texts.
// Usage: node bench/curves.ts OUT.svg NAME=FILE [NAME=FILE ...]   (first 1,000,000 bytes train, the next 65,536 validate)

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { learn } from './learning.ts';
import { runPeer } from './peer.ts';

interface Point {
  readonly tokens: number;
  readonly loss: number;
}

interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly Point[];
}

const trainBytes = 1_000_000;
const valBytes = 65_536;
const threads = availableParallelism();

async function curvesOf(name: string, path: string): Promise<Curve[]> {
  const text = readFileSync(path);
  const train = text.subarray(0, trainBytes);
  const val = text.subarray(trainBytes, trainBytes + valBytes);
  const ours: Point[] = [];
  const seen = (tokens: number, loss: number): void => {
    ours.push({ tokens, loss });
    console.error(`${name}: ours ${tokens} ${loss.toFixed(4)}`);
  };
  await learn({ threads }, Uint16Array.from(train), Uint16Array.from(val), 499_712, 1, seen);
  const folder = mkdtempSync(join(tmpdir(), 'rnt-curves-'));
  try {
    writeFileSync(join(folder, 'train'), train);
    writeFileSync(join(folder, 'val'), val);
    const shape = ['--d', 160, '--layers', 4, '--ctx', 256, '--batch', 8, '--lr', 2e-3, '--threads', threads];
    const output = await runPeer('torch_gpt.py', [
      '--train',
      join(folder, 'train'),
      '--val',
      join(folder, 'val'),
      ...shape,
      '--eval-every',
      61,
    ]);
    const peer = output
      .split('\n')
      .map((line) => /^(\d+) (\d+\.\d+)/.exec(line))
      .flatMap((match) => (match === null ? [] : [{ tokens: Number(match[1]), loss: Number(match[2]) }]));
    console.error(`${name}: peer ${peer.at(-1)?.tokens} ${peer.at(-1)?.loss}`);
    return [
      { name: `${name}: ours, 1.18M parameters`, colour: '#0b7a75', points: ours },
      { name: `${name}: transformer, 1.27M parameters`, colour: '#b23a48', points: peer.slice(1) },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const size = { width: 728, height: 400, left: 56, right: 24, top: 16, bottom: 44 };
const range = { tokens: 1_000_000, low: 1.2, high: 3.2 };

function svg(curves: readonly Curve[]): string {
  const x = (tokens: number): number => size.left + ((size.width - size.left - size.right) * tokens) / range.tokens;
  const y = (loss: number): number =>
    size.top +
    ((size.height - size.top - size.bottom) * (range.high - Math.min(loss, range.high))) / (range.high - range.low);
  const lines: string[] = [];
  for (let loss = range.low; loss <= range.high + 1e-9; loss += 0.4) {
    lines.push(
      `<line x1="${size.left}" x2="${size.width - size.right}" y1="${y(loss)}" y2="${y(loss)}" stroke="#ddd"/>`,
    );
    lines.push(`<text x="${size.left - 8}" y="${y(loss) + 4}" text-anchor="end">${loss.toFixed(1)}</text>`);
  }
  for (let tokens = 0; tokens <= range.tokens; tokens += 200_000)
    lines.push(`<text x="${x(tokens)}" y="${size.height - 24}" text-anchor="middle">${tokens / 1000}k</text>`);
  lines.push(
    `<text x="${size.width / 2}" y="${size.height - 6}" text-anchor="middle">training tokens (bytes), one pass</text>`,
  );
  lines.push(
    `<text x="14" y="${size.top + 120}" transform="rotate(-90 14 ${size.top + 120})" text-anchor="middle">validation loss, nats</text>`,
  );
  for (const [index, curve] of curves.entries()) {
    const path = curve.points
      .map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.tokens).toFixed(1)} ${y(point.loss).toFixed(1)}`)
      .join(' ');
    const dash = index >= 2 ? ' stroke-dasharray="6 4"' : '';
    lines.push(`<path d="${path}" fill="none" stroke="${curve.colour}" stroke-width="2"${dash}/>`);
    const last = curve.points.at(-1);
    lines.push(
      `<text x="${size.width - size.right - 8}" y="${size.top + 24 + 18 * index}" text-anchor="end" fill="${curve.colour}">${index >= 2 ? '- - ' : '— '}${curve.name}, ${last?.loss.toFixed(3)} at ${last?.tokens.toLocaleString('en')}</text>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" font-family="sans-serif" font-size="12"><title>Validation loss over training tokens</title><rect width="100%" height="100%" fill="white"/>${lines.join('')}</svg>\n`;
}

const [out, ...texts] = process.argv.slice(2);
if (out === undefined || texts.length === 0) {
  console.error('usage: bench/curves.ts OUT.svg NAME=FILE [NAME=FILE ...]');
  process.exit(2);
}
const curves: Curve[] = [];
for (const text of texts) {
  const at = text.indexOf('=');
  curves.push(...(await curvesOf(text.slice(0, at), text.slice(at + 1))));
}
writeFileSync(out, svg(curves));
