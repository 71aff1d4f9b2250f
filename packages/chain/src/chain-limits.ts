// Every bound of the chain machine in one place. They are policy, not consensus: two nodes may differ in them.

const limits = {
  /** Headers without a body, over all peers; what comes beyond displaces one of whoever has most. About 2.5 KB of memory each. */
  headers: 4096,
  /** Headers that are ahead of time and wait, over all peers, and of one peer. */
  waitingHeaders: 256,
  waitingHeadersPerPeer: 16,
  /** Bodies asked for and not yet come, of blocks that one peer announced. */
  bodiesPerPeer: 512,
  /** Checkpoints being fetched at once, in all and of blocks that one peer announced. Each may take the room of a whole file on disk. */
  downloads: 32,
  downloadsPerPeer: 4,
  /** Different file lengths that headers may claim for one root. */
  lengthsPerRoot: 4,
  /** A download without a new chunk for this long gives up its place and is reported as withheld. */
  downloadStallMs: 30_000,
  /** Peers that are remembered as having sent chunks of one root. */
  sendersPerRoot: 16,
  /** Time before an evaluation that failed for our own reasons is tried again. */
  evaluationRetryMs: 5_000,
  /** Blocks connected in one step while catching up; the next step follows at once. */
  connectsPerStep: 256,
  /** Entries that one step may change before it leaves further blocks to the next one. */
  changesPerStep: 50_000,
  /** Entries that blocks change which are connected ahead while one waits for its signatures, beyond which no further one is. */
  changesAhead: 60_000,
  /** Entries that blocks change which were connected and taken back, because they wait for something. About 300 bytes of memory each. */
  preparedChanges: 120_000,
  /** Signatures being checked, beyond which no further block is connected ahead. */
  signaturesInFlight: 40_000,
  /** Blocks that may be disconnected and connected to see what the ledger says of one off the active chain. */
  triedBlocks: 16,
  /** Headers that no block's write took along are stored after this long. */
  factsFlushMs: 10_000,
  /** Of these, so many at a time. */
  headersPerFlush: 256,
  /** Spans out of contact that are remembered. */
  outages: 16,
  /** Checkpoints at the tip that every node keeps and serves (protocol: "at least 12"). */
  keepCheckpoints: 12,
  /** Checkpoints of our own miner whose header has not come yet. */
  unclaimedCheckpoints: 4,
  /** Ids in a locator. */
  locator: 64,
  /** Headers in one answer. */
  headersPerAnswer: 2000,
  /** Time that a branch below finality has to come after the operator's `reconsiderblock`. */
  reconsiderMs: 600_000,
  /** Least time between two alarms about branches below finality. */
  alarmEveryMs: 60_000,
} as const;

export type ChainLimits = { readonly [Name in keyof typeof limits]: number };

export const chainLimits: ChainLimits = limits;
