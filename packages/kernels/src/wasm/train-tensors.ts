// Between the padded, partly interleaved arrays of a training session and plain arrays with all tensors end to end in canonical order.

import { FLOAT_BYTES, type ParameterLayout } from './train-layout.ts';

type CopyRow = (padded: number, canonical: number, length: number) => void;

/** Calls `copy(padded index, canonical index, length)` for every row of every tensor. */
function eachRow(layout: ParameterLayout, copy: CopyRow): void {
  for (const block of layout.blocks) {
    const rowFloats = block.partStride * block.tensors.length;
    block.tensors.forEach((tensor, part) => {
      const columns = tensor.size / block.rows;
      const start = block.offset / FLOAT_BYTES + part * block.partStride;
      for (let row = 0; row < block.rows; row++) {
        copy(start + row * rowFloats, tensor.offset + row * columns, columns);
      }
    });
  }
}

/** Copies the canonical array into the padded one; padding stays as it is. */
export function scatterTensors(layout: ParameterLayout, canonical: Float32Array, padded: Float32Array): void {
  eachRow(layout, (to, from, length) => padded.set(canonical.subarray(from, from + length), to));
}

/** The canonical copy of a padded array. */
export function gatherTensors(layout: ParameterLayout, padded: Float32Array): Float32Array {
  const last = layout.blocks.flatMap((block) => block.tensors).reduce((a, b) => (a.offset > b.offset ? a : b));
  const canonical = new Float32Array(last.offset + last.size);
  eachRow(layout, (from, to, length) => canonical.set(padded.subarray(from, from + length), to));
  return canonical;
}
