// The minGRU scan as the white paper states it (section 2.1.2): Blelloch's parallel prefix sum in log space. Where parallelism over time pays (GPUs, long
// sequences) training may use it; in exact evaluation and on CPUs the scan runs in order of t (EVAL-7), which is stable too and more precise.
// Sources: Blelloch 1990, "Prefix sums and their applications"; Heinsen 2023, arXiv:2311.06281; Feng et al. 2024, arXiv:2410.01201, appendix B.

/** ln(e^a + e^b). */
function logAddExp(a: number, b: number): number {
  const max = Math.max(a, b);
  return max === Number.NEGATIVE_INFINITY ? max : max + Math.log(Math.exp(a - max) + Math.exp(b - max));
}

/** ln(1 + e^a). */
function softplus(a: number): number {
  return Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));
}

/**
 * Inclusive prefix combination by an up-sweep and a down-sweep over a balanced tree: 2 log2(T) rounds, each of which may run in parallel.
 * `combine` is associative, `identity` its neutral element.
 */
export function blellochScan(
  values: Float64Array,
  combine: (earlier: number, later: number) => number,
  identity: number,
): Float64Array {
  let size = 1;
  while (size < values.length) size *= 2;
  const tree = new Float64Array(size).fill(identity);
  tree.set(values);
  for (let span = 1; span < size; span *= 2) {
    for (let i = 2 * span - 1; i < size; i += 2 * span) tree[i] = combine(tree[i - span]!, tree[i]!);
  }
  tree[size - 1] = identity;
  for (let span = size / 2; span >= 1; span /= 2) {
    for (let i = 2 * span - 1; i < size; i += 2 * span) {
      const earlier = tree[i]!;
      const left = tree[i - span]!;
      tree[i - span] = earlier;
      tree[i] = combine(earlier, left);
    }
  }
  return values.map((value, t) => combine(tree[t]!, value));
}

/**
 * States of one channel from the pre-activations of its gate and candidate, [T] each, starting from h = 0:
 * log h[t] = A[t] + logcumsumexp(log z + log g(ah) - A)[t] with A = cumsum(log(1 - z)).
 */
export function logSpaceScan(az: Float64Array, ah: Float64Array): Float64Array {
  const decay = blellochScan(
    az.map((a) => -softplus(a)),
    (earlier, later) => earlier + later,
    0,
  );
  const written = az.map((a, t) => {
    const candidate = ah[t]! >= 0 ? Math.log(ah[t]! + 0.5) : -softplus(-ah[t]!);
    return candidate - softplus(-a) - decay[t]!;
  });
  return blellochScan(written, logAddExp, Number.NEGATIVE_INFINITY).map((sum, t) => Math.exp(decay[t]! + sum));
}
