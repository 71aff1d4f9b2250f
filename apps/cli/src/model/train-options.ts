// What `rnt model train` was asked for.

export interface TrainOptions {
  readonly data: readonly string[];
  readonly val?: string;
  readonly config?: string;
  readonly from?: string;
  readonly out: string;
  readonly steps?: number;
  readonly tokens?: number;
  readonly epochs?: number;
  readonly batch: number;
  readonly window: number;
  readonly lr?: number;
  readonly warmup?: number;
  readonly decay?: number;
  readonly seed: number;
  readonly threads: number;
  readonly backend: string;
  readonly evalEvery?: number;
  readonly saveEvery?: number;
  readonly ema?: number;
  readonly resume?: boolean;
  readonly json?: boolean;
}
