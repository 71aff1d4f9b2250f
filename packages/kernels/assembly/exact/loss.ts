// The last steps of a target's loss in binary64 (EVAL-10).

/** log64 of EVAL-10 for a normal x >= 1. */
export function log64(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let k = <i32>(bits >> 52) - 1023;
  let significand = reinterpret<f64>((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
  if (significand >= 1.4142135623730951) {
    significand *= 0.5;
    k += 1;
  }
  const f = significand - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const t1 = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const t2 =
    z * (6.666666666666735130e-1 + w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const r = t2 + t1;
  const hfsq = 0.5 * f * f;
  return <f64>k * 6.93147180369123816490e-1 - (hfsq - (s * (hfsq + r) + <f64>k * 1.90821492927058770002e-10) - f);
}

/** q of EVAL-10: the loss of one target in units of 2^-16 nats. An integer; it is NaN only where a logit was non-finite. */
export function targetLoss(sum: f32, max: f32, logit: f32): f64 {
  const nll = log64(<f64>sum) + (<f64>max - <f64>logit);
  if (nll < 0) return 0;
  return min<f64>(4194304, floor<f64>(nll * 65536 + 0.5));
}
