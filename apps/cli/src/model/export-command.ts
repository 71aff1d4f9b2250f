// `rnt model export`: weights for other programs.

import { writeFileSync } from 'node:fs';
import { widenBf16 } from '@resonancenet/model/bf16';
import { tensorSpecs } from '@resonancenet/model/tensors';
import { readCheckpoint } from '@resonancenet/training/checkpoint-file';
import type { Command } from 'commander';

interface ExportOptions {
  readonly checkpoint: string;
  readonly out: string;
  readonly transpose?: boolean;
}

const help = `
Examples:
  $ rnt model export --checkpoint m.safetensors --out m.f32.safetensors
  $ rnt model export --checkpoint m.safetensors --out torch.safetensors --transpose

Writes ordinary float32 safetensors, which PyTorch, JAX and NumPy readers load. --transpose turns matrices to [out, in], as torch.nn.Linear keeps them.`;

export function addExportCommand(model: Command): void {
  model
    .command('export')
    .description('Write the weights as float32 safetensors for other programs')
    .requiredOption('--checkpoint <file>', 'model to export')
    .requiredOption('--out <file>', 'file to write')
    .option('--transpose', 'matrices as [out, in]')
    .addHelpText('after', help)
    .action(exportWeights);
}

/** Weight matrices, which other frameworks keep as [out, in]; tables of vectors stay as they are. */
const matrixKinds: ReadonlySet<string> = new Set(['wz', 'wh', 'wg', 'wo', 'wq', 'wgate', 'wup', 'wdown']);

function exportWeights(options: ExportOptions): void {
  const checkpoint = readCheckpoint(options.checkpoint);
  const values = widenBf16(checkpoint.data);
  const header: Record<string, unknown> = {
    __metadata__: { source: 'resonancenet', layout: options.transpose === true ? 'out,in' : 'in,out' },
  };
  const data = new Float32Array(values.length);
  for (const spec of tensorSpecs(checkpoint.shape)) {
    const turned = options.transpose === true && matrixKinds.has(spec.kind);
    const [rows, columns = 1] = spec.dims;
    const source = values.subarray(spec.offset, spec.offset + spec.size);
    const target = data.subarray(spec.offset, spec.offset + spec.size);
    if (!turned) target.set(source);
    else
      for (let r = 0; r < rows; r += 1)
        for (let c = 0; c < columns; c += 1) target[c * rows + r] = source[r * columns + c] ?? 0;
    header[spec.name] = {
      dtype: 'F32',
      shape: turned ? [columns, rows] : [...spec.dims],
      data_offsets: [4 * spec.offset, 4 * (spec.offset + spec.size)],
    };
  }
  const json = JSON.stringify(header);
  const head = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  writeFileSync(options.out, Buffer.concat([length, head, new Uint8Array(data.buffer)]));
  console.log(`${options.out}: ${values.length.toLocaleString('en')} parameters as float32`);
}
