/** What can go wrong while computing that is neither invalid input nor a bug of ours. */
export type KernelErrorCode =
  /** The compiled kernels are missing or unreadable. */
  | 'KERNELS_NOT_BUILT'
  /** A worker thread could not be started. */
  | 'WORKER_START_FAILED'
  /** A thread crashed, ended or stopped making progress during an op; the pool is unusable. */
  | 'WORKER_FAILED'
  /** The pool was closed, or an earlier failure made it unusable. */
  | 'POOL_CLOSED'
  /** The model and its working memory do not fit the 4 GiB of 32-bit WebAssembly, or the machine's memory. */
  | 'OUT_OF_MEMORY'
  /** The backend computes other bits than the definition on this machine. */
  | 'SELF_TEST_FAILED'
  /** The weights give a NaN or an infinity on this input. */
  | 'NON_FINITE'
  /** No backend of this name exists here, or it lacks what was asked. */
  | 'BACKEND_UNAVAILABLE';

/** Operational trouble of a backend. The message names the cause and the fix. */
export class KernelError extends Error {
  readonly code: KernelErrorCode;

  constructor(code: KernelErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'KernelError';
    this.code = code;
  }
}
