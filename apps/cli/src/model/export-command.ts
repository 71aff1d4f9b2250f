// `rnt model export`: weights for other programs.

import { widenBf16 } from '@resonancenet/model/bf16';
import type { Checkpoint } from '@resonancenet/model/checkpoint';
import { type TensorKind, type TensorSpec, tensorSpecs } from '@resonancenet/model/tensors';
import { readWeights } from '@resonancenet/training/checkpoint-file';
import { replaceFile } from '@resonancenet/training/write-file';
import type { Command } from 'commander';
import { prepareOut } from '../out-file.ts';

interface ExportOptions {
  readonly checkpoint: string;
  readonly out: string;
  readonly transpose?: boolean;
  readonly json?: boolean;
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
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(exportWeights);
}

/** Weight matrices, which other frameworks keep as [out, in]; tables of vectors stay as they are. */
const matrixKinds: ReadonlySet<TensorKind> = new Set(['wz', 'wh', 'wo', 'wq', 'wgate', 'wup', 'wdown']);

function exportWeights(options: ExportOptions): void {
  prepareOut(options.out);
  const checkpoint = readWeights(options.checkpoint);
  const turn = options.transpose === true;
  replaceFile(options.out, safetensors(checkpoint, turn));
  const { length } = checkpoint.data;
  if (options.json === true) {
    const tensors = tensorSpecs(checkpoint.shape).length;
    console.log(JSON.stringify({ out: options.out, parameters: length, tensors, layout: layoutName(turn) }));
  } else console.log(`${options.out}: ${length.toLocaleString('en')} parameters as float32, ${layoutName(turn)}`);
}

const layoutName = (turn: boolean): string => (turn ? 'matrices [out, in]' : 'matrices [in, out]');

/** The file tensor by tensor: header, then little-endian binary32. */
function* safetensors(checkpoint: Checkpoint, turn: boolean): Generator<Uint8Array> {
  const specs = tensorSpecs(checkpoint.shape);
  const turned = (spec: TensorSpec): boolean => turn && matrixKinds.has(spec.kind);
  const { vocab, baseWidth } = checkpoint.shape;
  const about = { source: 'resonancenet', layout: layoutName(turn), vocab: `${vocab}`, base_width: `${baseWidth}` };
  const header: Record<string, unknown> = { __metadata__: about };
  for (const spec of specs) {
    const shape = turned(spec) ? spec.dims.toReversed() : spec.dims;
    header[spec.name] = { dtype: 'F32', shape, data_offsets: [4 * spec.offset, 4 * (spec.offset + spec.size)] };
  }
  const json = JSON.stringify(header);
  const head = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  yield length;
  yield head;
  for (const spec of specs) {
    const values = widenBf16(checkpoint.data.subarray(spec.offset, spec.offset + spec.size));
    yield new Uint8Array((turned(spec) ? transposed(values, spec) : values).buffer);
  }
}

function transposed(values: Float32Array, spec: TensorSpec): Float32Array<ArrayBuffer> {
  const [rows, columns = 1] = spec.dims;
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r += 1) for (let c = 0; c < columns; c += 1) out[c * rows + r] = values[r * columns + c]!;
  return out;
}
