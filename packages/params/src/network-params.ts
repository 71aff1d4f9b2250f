// The type of a network's parameter object (spec/networks.md). Code never names a network: it gets one of these.

/** How text becomes ids on a network. Nothing in consensus tokenises; the kind tells tools which tokeniser the ids belong to. */
export interface VocabularyParams {
  /** `gpt2`: byte-level BPE of GPT-2; `bytes`: one id per byte. */
  readonly kind: 'gpt2' | 'bytes';
  /** Number of ids; ids are 0 .. size - 1 (MOD-1). */
  readonly size: number;
  /** The id that every validation window's input starts with (EVAL-11). */
  readonly startId: number;
}

/** Width and layers of a model; the vocabulary is the network's and never changes. */
export interface ShapeParams {
  /** d_model, even. */
  readonly width: number;
  /** n_layers. */
  readonly layers: number;
}

/**
 * Block counts of the recovery policies (NET-9). On small networks they are divided by 1,000, so that a test can reach them.
 */
export interface RecoveryParams {
  /** Shortest and longest heartbeat interval, blocks. */
  readonly heartbeatIntervalMin: number;
  readonly heartbeatIntervalMax: number;
  /** Shortest and longest time between a missed heartbeat and the recovery key's right, blocks. */
  readonly heartbeatTimeoutMin: number;
  readonly heartbeatTimeoutMax: number;
  /** Shortest time in which an owner can cancel a social recovery, blocks. */
  readonly socialWaitMin: number;
  /** Fewest idle blocks after which an output may return to the emission pool. */
  readonly emissionReturnMin: number;
  /** Idle blocks of the built-in emission-return policy, which a bare key's outputs have (BLK-18). */
  readonly builtInReturn: number;
  /** Idle blocks after which a Base58 output returns. */
  readonly base58Return: number;
  /** Blocks after which a channel policy's output returns. */
  readonly channelReturn: number;
  /** Height difference by which nodes close or splice a channel; below `channelReturn`. */
  readonly channelClose: number;
}

/** How the reward follows the relative improvement of the loss (LED-22), parts per million of the parent's loss. */
export interface EmissionParams {
  /** From this improvement on a block earns at least the whole subsidy; 0: always. */
  readonly fullGain: number;
  /** From this one on it earns the greatest bonus, a second subsidy. */
  readonly doubleGain: number;
}

/** How a proposed D_val comes into force (LED-24 to LED-27). Blocks unless said otherwise. */
export interface RotationParams {
  /** Headers whose votes count for locking in. */
  readonly window: number;
  /** Votes for it among these that lock a proposal in. */
  readonly lockIn: number;
  /** From lock-in to activation. */
  readonly delay: number;
  /** A shard is revealed at least so long before activation; votes against it count in this span. */
  readonly notice: number;
  /** Votes against it among these that cancel it. */
  readonly cancel: number;
  /** After its proposal, when a set that was not locked in expires. */
  readonly expiry: number;
  /** Bond of a proposal, resonances. */
  readonly bond: bigint;
}

/**
 * Amplitudes `a` of the genesis weights (MOD-8): a weight is `u * a`, `u` uniform in [-1, 1), so its standard deviation is a / sqrt(3).
 * Each is a multiple of 2^-12 below 4, exact in binary32. Kinds not listed are constants at genesis and draw nothing.
 */
export interface InitAmplitudes {
  readonly embed: number;
  /** All taps but lag 0 of kernel 3, which is the constant 1/4 (MOD-6). */
  readonly taps: number;
  readonly wz: number;
  readonly wh: number;
  readonly wq: number;
  readonly keys: number;
  readonly values: number;
  readonly wgate: number;
  readonly wup: number;
}

/**
 * What is computed from the genesis weights and the corpus, never typed by hand.
 * The 32-byte values are lower-case hex in byte order.
 */
export interface GenesisConstants {
  /** Loss of the genesis weights on the first D_val, micro-nats (EVAL-12). */
  readonly valLoss: number;
  /** Merkle-sum root of the window sums behind `valLoss` (EVAL-13). */
  readonly lossRoot: string;
  /** Id of the genesis checkpoint file (CKPT-6). */
  readonly checkpointRoot: string;
  /** Ids of the D_vals (NET-7): the first is in force at genesis, the others are the reserve, used cyclically (CON-10). At least two. */
  readonly dvalIds: readonly string[];
}

/** Where a chain starts (NET-6). */
export interface GenesisParams {
  /** Timestamp of block 0, Unix seconds. */
  readonly timestamp: bigint;
  /** Seed of the genesis weights, 32 bytes as lower-case hex (MOD-8). */
  readonly weightSeed: string;
  /** null until `tools/make-genesis.ts` has computed them; read them through `requireGenesis`. */
  readonly constants: GenesisConstants | null;
}

/** Everything in which two networks can differ. Field by field in spec/networks.md, in this order (which is also NET-4's). */
export interface NetworkParams {
  /** 1 to 32 characters `a-z 0-9 -`, starting with a letter. For people and folders only. */
  readonly name: string;
  /** Four ASCII characters: the first four bytes of every frame (NET-3). */
  readonly magic: string;
  /** Human-readable part of bech32m addresses. */
  readonly addressPrefix: string;
  /** Prefix of invoices: `ln` and the address prefix (BOLT 11). */
  readonly lightningPrefix: string;
  /** Default TCP ports. */
  readonly ports: { readonly p2p: number; readonly rpc: number; readonly lightning: number };
  /** Version byte of Base58Check addresses; 0x3c shows as `R`, 0x41 as `T`. */
  readonly base58Version: number;
  /** BIP44 coin type. */
  readonly coinType: number;
  readonly vocabulary: VocabularyParams;
  /** Shape at genesis; its width is also the constant d0 of the function (MOD-2). */
  readonly baseShape: ShapeParams;
  /** Largest shape; growth is counted beyond it (MOD-2). */
  readonly capShape: ShapeParams;
  /** A D_val: number of windows, and ids per window (EVAL-11). */
  readonly dval: { readonly windows: number; readonly windowSize: number };
  /** LOSS_STEP: least improvement of a block, micro-nats (CON-9). */
  readonly lossStep: number;
  /** Least time between a block and its parent at up to 2^27 parameters, seconds (CON-6). */
  readonly spacingBase: number;
  /** Least STALL_INTERVAL, seconds (CON-5). */
  readonly stallIntervalBase: number;
  /** Most stall rounds that a block counts, and the denominator of their growth (CON-5). */
  readonly patience: number;
  /** Blocks before a coinbase output may be spent. */
  readonly coinbaseMaturity: number;
  /** Blocks on top of a block that make it final (CON-29). */
  readonly finalityDepth: number;
  /** Encoded block without checkpoint, bytes (CON-16). */
  readonly maxBlockBytes: number;
  /** Encoded transaction, bytes (CON-16). */
  readonly maxTransactionBytes: number;
  /** Signatures in all transactions of a block (CON-16). */
  readonly maxBlockSignatures: number;
  /** Subsidy before the first halving, resonances (LED-22). */
  readonly subsidy: bigint;
  readonly emission: EmissionParams;
  /** Least fee that is relayed, resonances per byte of a transaction; bounds the fee of a social recovery too (LED-18). */
  readonly minRelayFee: number;
  readonly recovery: RecoveryParams;
  readonly rotation: RotationParams;
  readonly initAmplitudes: InitAmplitudes;
  /** The node's clock may be set by RPC and blocks are made on demand. Never on a network of strangers. */
  readonly testClock: boolean;
  readonly genesis: GenesisParams;
}
