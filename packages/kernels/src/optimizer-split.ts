// The optimiser's definition: which rule updates which tensor, and with which constants. Every trainer (reference, WASM, later ones) imports this file.
//
// With g the gradient after clipping, p the parameter and hyper a StepHyper (backend.ts), one update of a tensor is:
//
//   clip    n = sqrt(sum of g^2 over ALL tensors, in f64); if n > clipNorm every g is multiplied by clipNorm / n.
//           If n is not finite nothing at all is changed (param, m, v and step stay) and the report carries it.
//   decay   p -= lr * weightDecay * p                    tensors of `decays` only; before the update, lr as of the tensor's rule
//   AdamW   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
//           p -= adamLr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)          t = step + 1 for the first update of step 0
//   Muon    m = mu m + (1 - mu) g;  u = (1 - mu) g + mu m                                     Nesterov, mu = muonMomentum
//           p -= muonLr * muonScale(in, out) * orthogonalise(u)
//
//   orthogonalise(U [in, out]): X = U, transposed if in > out, so that the Gram matrix is the smaller one;
//           X /= (Frobenius norm of X) + MUON_EPSILON;  then MUON_STEPS times
//           A = X X^T;  B = b A + c (A A);  X = a X + B X         with (a, b, c) = MUON_COEFFICIENTS
//           and transposed back. A zero U gives zero.
//
// Sources: Loshchilov and Hutter 2019 (AdamW); Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks".

import type { TensorKind } from '@resonancenet/model/tensors';

/** Quintic Newton-Schulz coefficients (a, b, c): steep at zero, singular values end in about [0.7, 1.2]. */
export const MUON_COEFFICIENTS = [3.4445, -4.775, 2.0315] as const;

/** Newton-Schulz iterations per update. */
export const MUON_STEPS = 5;

/** Added to the Frobenius norm, so that a zero gradient stays zero. */
export const MUON_EPSILON = 1e-7;

const MUON_KINDS: ReadonlySet<TensorKind> = new Set(['wz', 'wh', 'wo', 'wq', 'wgate', 'wup', 'wdown']);

/**
 * Tables that are looked up or scored, not multiplied into hidden activations: AdamW, but decayed like the matrices.
 * Gains, biases and convolution taps are never decayed.
 */
const DECAYED_TABLES: ReadonlySet<TensorKind> = new Set(['embed', 'keys', 'values']);

/** Whether Muon updates tensors of this kind: the 2-D hidden matrices. Everything else is under AdamW. */
export function usesMuon(kind: TensorKind): boolean {
  return MUON_KINDS.has(kind);
}

/** Whether decoupled weight decay applies to tensors of this kind: matrices and tables, never vectors or taps. */
export function decays(kind: TensorKind): boolean {
  return MUON_KINDS.has(kind) || DECAYED_TABLES.has(kind);
}

/** Factor on a Muon update of a matrix stored [fanIn, fanOut]: sqrt(max(1, fanOut / fanIn)). */
export function muonScale(fanIn: number, fanOut: number): number {
  return Math.sqrt(Math.max(1, fanOut / fanIn));
}
