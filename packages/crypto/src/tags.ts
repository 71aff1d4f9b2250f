// One byte per use of the tagged hash (HASH-6). Numbers are consensus: they never change and are never used twice.

/** First byte of the inner hash, by use. Gaps at the end are free; spec/hashing.md holds the same table. */
export const TAG = {
  blockId: 0x01,
  txId: 0x02,
  txLeaf: 0x03,
  txNode: 0x04,
  chunkLeaf: 0x05,
  chunkNode: 0x06,
  lossLeaf: 0x07,
  lossNode: 0x08,
  dval: 0x09,
  sighash: 0x0a,
  lockLeaf: 0x0b,
  lockNode: 0x0c,
  policyTerms: 0x0d,
  network: 0x0e,
  prng: 0x0f,
  logits: 0x10,
  dvalProposal: 0x11,
  heartbeat: 0x12,
  announce: 0x13,
  cancel: 0x14,
  utxo: 0x15,
  sighashInputs: 0x16,
  sighashOutputs: 0x17,
  sighashActions: 0x18,
  walletFingerprint: 0x19,
  keyWindow: 0x1a,
  qrParts: 0x1b,
  walletRecord: 0x1c,
  message: 0x1d,
  walletNotes: 0x1e,
} as const;

export type Tag = (typeof TAG)[keyof typeof TAG];
