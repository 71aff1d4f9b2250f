// The contract every compute backend implements (protocol: reference, WASM now; native CPU, WebGPU and CUDA later).
// Model, training and inference code never name a backend: they get one from `select-backend.ts`.

import type { ModelShape } from '@resonancenet/model/shape';
import type { CodeTrust } from './code-trust.ts';

/**
 * The weights of one model: every tensor in canonical order (model/tensors.ts), end to end, as BF16 bit patterns.
 * Exact evaluation and generation read these; they hold no more than a checkpoint file does.
 */
export interface Bf16Weights {
  readonly shape: ModelShape;
  readonly data: Uint16Array;
}

/** One validation window: input ids and the target of each position, equally long (EVAL-11). */
export interface EvalWindow {
  readonly inputs: Uint16Array;
  readonly targets: Uint16Array;
}

/** Verdict on one window. `non-finite` makes the whole checkpoint invalid (EVAL-3). */
export type WindowResult =
  | { readonly ok: true; readonly sum: number }
  | { readonly ok: false; readonly reason: 'non-finite' };

/** Exact evaluation F32-SEQ (spec/evaluation.md): the same integers from every backend. */
export interface ExactEvaluator {
  /**
   * Evaluates the windows in the given order; results come back in that order.
   * `onWindow(index, result)` is called as each is known; returning false stops early (the rest is then missing from the result).
   */
  evaluate(
    windows: readonly EvalWindow[],
    onWindow?: (index: number, result: WindowResult) => boolean,
  ): Promise<WindowResult[]>;
  /**
   * The window's result by the backend's plain code, slower and made in a way that shares little with the fast one's: over the same weights, which that code itself put
   * into memory. What decides a block's validity goes through guarded-evaluation.ts, which compares.
   */
  secondOpinion(window: EvalWindow): Promise<WindowResult>;
  /** Logits of one window, [T, V] binary32: for tests and EVAL-15. */
  logits(inputs: Uint16Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Token-by-token inference with O(1) state; step by step equal, to the bit, to the whole-sequence exact forward. */
export interface Decoder {
  /** Forgets everything: h = 0, empty convolution history. */
  reset(): void;
  /** Feeds one id and returns the logits of the next, [V]. The array is reused by the next call. */
  step(id: number): Float32Array;
  close(): Promise<void>;
}

/** Which rule updates a tensor. Muon is for the 2-D hidden matrices, AdamW for everything else. */
export interface StepHyper {
  /** Learning rate of the tensors under Muon (already scheduled). */
  readonly muonLr: number;
  /** Learning rate of the tensors under AdamW (already scheduled). */
  readonly adamLr: number;
  readonly muonMomentum: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled weight decay, applied to matrices only. */
  readonly weightDecay: number;
  /** Gradients are scaled down to this global L2 norm; Infinity switches clipping off. */
  readonly clipNorm: number;
}

export interface StepReport {
  /** Mean loss over the batch's targets, nats per token, before the update. */
  readonly loss: number;
  /** Global L2 norm of the gradient before clipping. */
  readonly gradNorm: number;
}

/** Ids of one training batch, [batch, window] row-major; every row starts from an empty state. */
export interface TrainBatch {
  readonly inputs: Uint16Array;
  readonly targets: Uint16Array;
  readonly batch: number;
  readonly window: number;
}

/**
 * What makes a trainer resumable: `param` and the optimiser moments `m` and `v`, each over all tensors end to end in canonical order
 * (for a tensor under Muon `m` is its momentum and `v` is zero); `step` counts updates.
 */
export interface TrainerState {
  readonly step: number;
  readonly param: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Fast, inexact training of one model. Results may differ in the last bits between backends; never used to decide. */
export interface Trainer {
  readonly shape: ModelShape;
  /** Forward, backward, clip, update. */
  step(batch: TrainBatch, hyper: StepHyper): Promise<StepReport>;
  /** Forward and backward only; the gradient is then readable with `gradient()`. For tests and accumulation. */
  forwardBackward(batch: TrainBatch): Promise<{ readonly loss: number }>;
  /** Mean loss (nats) of the fast forward, no gradient: cheap progress figure, not the exact loss. */
  loss(batch: TrainBatch): Promise<number>;
  /** A copy of the last gradient, all tensors end to end in canonical order. */
  gradient(): Float32Array;
  /** A copy of the parameters / of the whole state. `m` of a Muon tensor holds its momentum. */
  parameters(): Float32Array;
  state(): TrainerState;
  load(state: TrainerState): void;
  close(): Promise<void>;
}

export interface TrainerOptions {
  readonly shape: ModelShape;
  /** Largest batch x window the trainer must hold. */
  readonly maxBatch: number;
  readonly maxWindow: number;
}

export interface Backend {
  readonly name: string;
  /** Whether `evaluator` is bit-exact (F32-SEQ). Only exact backends may decide; each is tested at start-up. */
  readonly exact: boolean;
  /** Whether evaluators run on fast code, so that a second opinion by the plain code says more than the first. */
  readonly usesFastCode: boolean;
  /** Gives that code up: from now on everything exact in this process runs on the plain code. `why` goes to the operator. */
  distrust(why: string): void;
  evaluator(weights: Bf16Weights): Promise<ExactEvaluator>;
  decoder(weights: Bf16Weights): Promise<Decoder>;
  trainer(options: TrainerOptions): Promise<Trainer>;
  close(): Promise<void>;
}

export interface BackendOptions {
  /** Threads to compute with, at least 1. */
  readonly threads: number;
  /** Shared by all backends of a process (default: this backend's own). */
  readonly trust?: CodeTrust;
  /** Is told why trust was lost (default: a warning of the process). */
  readonly onDistrust?: (why: string) => void;
}
