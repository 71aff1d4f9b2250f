// Where the cases come from: every entry of Bitcoin Core's and btcd's invalid sets and of the holes of proof of training, and what became of it here.

/** Cases of this catalogue, by name or by the beginning of their names; tests of other suites by file and words of them; or why there is nothing to test. */
export type Outcome =
  | { readonly cases: readonly string[] }
  | { readonly tests: readonly (readonly [file: string, words: string])[] }
  | { readonly none: string };

export interface Source {
  readonly from: string;
  readonly entries: readonly (readonly [entry: string, ...outcomes: readonly Outcome[]])[];
}

const cases = (...names: readonly string[]): Outcome => ({ cases: names });
const tests = (...found: readonly (readonly [string, string])[]): Outcome => ({ tests: found });
const none = (reason: string): Outcome => ({ none: reason });

const node = 'test/node/adversary.test.ts';
const machine = 'packages/chain/src/adversary.test.ts';
const file = 'packages/model/src/checkpoint.test.ts';
const merkle = 'packages/crypto/src/merkle.test.ts';
const snapshot = 'packages/chain/src/snapshot.test.ts';
const frame = 'packages/p2p/src/frame.test.ts';
const session = 'packages/p2p/src/peer-session.test.ts';
const machineOfPeers = 'packages/p2p/src/node-machine.test.ts';
const noScript = none(
  'There is no script: locks are lists of conditions with one reading (BLK-14), and no kind of condition can be switched off.',
);

export const sources: readonly Source[] = [
  {
    from: 'Bitcoin Core, test/functional/data/invalid_txs.py',
    entries: [
      ['OutputMissing', cases('OutputMissing')],
      ['InputMissing', cases('InputMissing')],
      [
        'SizeTooSmall',
        none(
          'A transaction of 64 bytes passes for no inner node: leaves and nodes are hashed under different tags (HASH-8).',
        ),
        tests([merkle, 'inner nodes do not pass for leaves: the tag of the tree decides']),
      ],
      ['ExtraWitness', cases('unreadable witness: ExtraWitness')],
      ['BadInputOutpointIndex', cases('BadInputOutpointIndex')],
      ['NonexistentInput', cases('NonexistentInput')],
      ['DuplicateInput', cases('DuplicateInput', 'DuplicateInput, others between')],
      ['PrevoutNull', cases('PrevoutNull', 'PrevoutNull as second input')],
      ['SpendTooMuch', cases('SpendTooMuch')],
      ['CreateNegative', cases('CreateNegative')],
      ['CreateTooLarge', cases('CreateTooLarge', 'CreateTooLarge, the largest amount alone')],
      ['CreateSumTooLarge', cases('CreateSumTooLarge', 'CreateSumTooLarge, two outputs of all money')],
      ['bad OP_IF', cases('unreadable witness: bad OP_IF')],
      ['TooManySigops per block', cases('signature limit and one more: keys (CHECKSIG)')],
      [
        'TooManySigops per transaction',
        none('Signatures are bounded by the block alone (CON-16); one transaction may have all of them.'),
        cases('signature limit and one more: one transaction has all of them'),
      ],
      ['15 disabled opcodes', cases('disabled opcode: condition of kind')],
      ['NonStandardAndInvalid', cases('NonStandardAndInvalid')],
    ],
  },
  {
    from: 'Bitcoin Core, test/functional/feature_block.py; btcd, blockchain/fullblocktests/generate.go',
    entries: [
      ['equal-length fork no reorg', cases('equal-length fork, no reorganisation')],
      ['reorg there and back', cases('reorganisation there and back')],
      ['double spend on the longer fork', cases('double spend on the longer fork', 'spent twice within a fork')],
      [
        'coinbase pays 1 too much (tip, fork end, fork middle)',
        cases(
          'coinbase pays one resonance too much, tip',
          'coinbase pays one resonance too much, end of a fork',
          'coinbase pays one resonance too much, middle of a fork',
          'coinbase pays one resonance too little',
          'coinbase keeps one resonance more than the fees',
        ),
      ],
      [
        'sigops limit and +1 (CHECKSIG, MULTISIG, P2SH)',
        cases(
          'signature limit and one more: keys (CHECKSIG)',
          'signature limit and one more: thresholds (MULTISIG)',
          'signature limit and one more: leaves of a tree (P2SH)',
          'signature limit and one more: Base58',
        ),
      ],
      [
        'spend from re-orged-out transaction',
        cases('spend from a re-orged-out transaction', 'spend from a re-orged-out coinbase'),
      ],
      ['immature coinbase', cases('immature coinbase')],
      [
        'max size and +1',
        cases(
          'max size and one more',
          'block over its bytes',
          'block at its bytes, which say nothing',
          'transaction over its bytes',
        ),
      ],
      ['coinbase script length', cases('coinbase script length')],
      ['child of rejected block', cases('child of a rejected block', 'a rejected block again')],
      ['orphan block', cases('block of an unknown parent')],
      ['first tx not coinbase', cases('first transaction not coinbase', 'no coinbase')],
      ['no txs', cases('no transactions')],
      ['bad Merkle root', cases('bad Merkle root')],
      ['two coinbases', cases('two coinbases')],
      ['duplicate txs', cases('duplicate transactions')],
      [
        'Merkle duplication (CVE-2012-2459) then the valid twin accepted',
        cases('Merkle duplication, then the valid twin'),
        tests([merkle, 'no list shares its root with the list that doubles its tail (CVE-2012-2459)']),
      ],
      ['missing output index', cases('BadInputOutpointIndex')],
      ['outputs > inputs', cases('SpendTooMuch')],
      [
        'BIP30 overwrite',
        none('No two coinbases share a txid: each holds its height (BLK-13).'),
        cases('BIP30 overwrite'),
      ],
      [
        'non-final tx / coinbase',
        cases(
          'non-final transaction',
          'non-final transaction, the last height there is',
          'sequence one block too long',
          'non-final coinbase: lock time',
          'non-final coinbase: sequence',
        ),
      ],
      [
        'time = MTP and MTP+1',
        none('There is no median of past times: a block comes at least its spacing after its parent (CON-6).'),
        cases('time = MTP and MTP+1', 'header timestamps non-monotone'),
      ],
      ['time too new', cases('time too new')],
      [
        'bad height',
        cases(
          'bad height, one less',
          'bad height, one more',
          'bad height in the coinbase: one less',
          'bad height in the coinbase: one more',
        ),
      ],
      ['non-canonical varint', cases('non-canonical varint', 'non-canonical varint, number of transactions')],
      ['same-block spend order', cases('same-block spend order')],
      ['intra-block double spend', cases('intra-block double spend', 'spent twice in a chain of spends')],
      ['push over 520 bytes', cases('push over 520 bytes', 'witness over its limit', 'witness at its limit')],
      ['OP_RETURN spends', cases('OP_RETURN spend')],
      [
        '1,000+ block reorg',
        none('Nothing is reorganised deeper than finality, six blocks (CON-29).'),
        cases('reorganisation of depth 7, below the last final block'),
        tests([
          'packages/chain/src/catch-up.test.ts',
          'more blocks than one step connects are connected in steps that follow at once',
        ]),
      ],
    ],
  },
  {
    from: 'Packaged vectors (bcoin, Bitcoin Core, "Taming the many EdDSAs")',
    entries: [
      ['script, tx-invalid, tx-valid', noScript],
      [
        'sighash',
        none('Another message is signed (LED-4); its own vectors are computed from the specification alone.'),
        tests([
          'packages/primitives/src/ledger-examples.test.ts',
          'the script of spec/check computes the same examples',
        ]),
      ],
      [
        'bip324_vectors',
        none('The transport is Noise by BOLT 8; its vectors stand in packages/p2p/src/noise-bolt8.test.ts.'),
      ],
      ['bip39_vectors', none('Seeds of words are the wallet’s, which is not part of the node.')],
      ['base58_*', tests(['packages/crypto/src/base58check.test.ts', 'decodeBase58Check() names what is wrong'])],
      [
        'key_io_valid / invalid',
        tests(['packages/primitives/src/address.test.ts', 'damaged addresses are refused with what to do about it']),
      ],
      ['asmap.raw', none('Peers are grouped by address prefix; there is no map of networks.')],
      ['blockfilters, siphash', none('There are no compact filters and no short ids.')],
      [
        'the twelve edge vectors of Ed25519',
        tests(['packages/crypto/src/ed25519.test.ts', 'decides every edge case as ZIP-215 does (HASH-10)']),
      ],
    ],
  },
  {
    from: 'Bitcoin Core, test/functional/feature_assumeutxo.py',
    entries: [
      ['unknown base hash', tests([snapshot, 'an unknown block'])],
      ['base not in headers', tests([snapshot, 'a known block of another height'])],
      [
        'coin count +-1',
        tests(
          [snapshot, 'one entry more than announced in the first table'],
          [snapshot, 'one entry less than announced in the first table'],
        ),
      ],
      ['truncated', tests([snapshot, 'a file cut within an entry'], [snapshot, 'a file without its last byte'])],
      ['altered txid, index, coin', tests([snapshot, 'an altered key'], [snapshot, 'an altered value'])],
      ['non-empty mempool', none('A snapshot is loaded at start, before there is a pool of transactions.')],
      [
        'unknown snapshot folder on disk',
        none('A snapshot is one file that the operator names; nothing of it stays in a folder.'),
      ],
      ['restart mid-load', tests([snapshot, 'an import that was interrupted becomes a rebuild from the first block'])],
      [
        'stale block before background sync reaches it',
        none(
          'There is no second chain state in the background: the blocks below are already there (import verifies against them).',
        ),
      ],
      [
        'base on a losing fork, bad height',
        tests([snapshot, 'a block that is not final'], [snapshot, 'a known block of another height']),
      ],
    ],
  },
  {
    from: 'Bitcoin Core, test/functional/p2p_invalid_messages.py and p2p_v2_misbehaving.py',
    entries: [
      ['header split over reads', tests([frame, 'FrameDecoder reads frames that are split at every byte'])],
      ['duplicate version', tests([session, 'PeerSession accepts nothing before the version exchange'])],
      [
        'wrong magic, wrong checksum, oversize, bad type bytes',
        tests([frame, 'FrameDecoder survives any bytes and gives frames only for well-formed ones']),
      ],
      [
        'addrv2 empty, 0, too long, unknown',
        none('Addresses of peers are not passed on; peers are given by the operator.'),
      ],
      [
        'inv, getdata, headers +1 over limit',
        tests([
          'packages/p2p/src/messages/message.test.ts',
          'the longest message of each list is as long as its limit, and one more item is refused',
        ]),
      ],
      [
        '80 x max-size junk while another peer gets pongs',
        tests(['test/node/flood.test.ts', 'keeps its memory, and takes honest blocks within 5 s']),
      ],
      [
        'early key response, excess garbage, wrong terminator',
        tests([session, 'PeerSession closes on handshake garbage, and on a handshake that does not come']),
      ],
      [
        'tampered garbage, missing AAD',
        tests(['packages/p2p/src/noise.test.ts', 'Handshake refuses every single changed byte of its messages']),
      ],
      ['non-empty version packet', tests([session, 'PeerSession refuses another network, itself and an old version'])],
    ],
  },
  {
    from: 'Proof of training',
    entries: [
      [
        'loss equal to parent',
        tests(
          [node, 'a loss equal to the parent’s'],
          [machine, 'a loss equal to the parent’s, or not a full step below it'],
        ),
      ],
      ['lower by 1 quantum', tests([node, 'a loss one micro-nat short of a whole step below the parent’s'])],
      [
        'claimed != recomputed by 1',
        tests([machine, 'is an evaluation mismatch that condemns the block and blames who served it']),
      ],
      ['claimed loss is not that of its window sums', cases('claimed loss one below its window sums')],
      [
        'NaN / Inf / denormal / -0 weight',
        tests([node, "['NaN', 0x7fc0, 'ckpt-nan']"], [node, "['-0', 0x8000"], [file, 'a negative subnormal']),
      ],
      ['NaN only on one window', tests([machine, 'window 2 overflows'])],
      [
        'wrong shape for the height',
        cases('wrong width for the height', 'wrong layers for the height'),
        tests([node, 'a tensor of another shape']),
      ],
      ['extra tensor', tests([node, 'an extra tensor'])],
      ['tensor alias / overlap', tests([node, 'overlapping tensors'])],
      [
        'chunk swapped, truncated, duplicated',
        tests(
          [machine, 'a chunk that is swapped, cut, altered or of another file is refused'],
          [node, "'swapped'"],
          [node, "'truncated'"],
        ),
      ],
      [
        'chunk root right but checkpoint hash wrong',
        none('The root over the chunks is the checkpoint’s hash (CKPT-6): there is no second one to be wrong.'),
        tests([file, 'CKPT-6: the id is the Merkle root over chunks of 1 MiB, each provable alone']),
      ],
      ['checkpoint of an ancestor replayed', tests([machine, 'an ancestor’s checkpoint is refused'])],
      [
        'sibling that is parent-of-rival + epsilon',
        tests(['packages/consensus/src/late.test.ts', 'late sibling: a thief who fine-tunes the revealed checkpoint']),
      ],
      [
        'interpolated split chain',
        tests(['packages/consensus/src/late.test.ts', 'copied branch: all revealed checkpoints signed anew']),
      ],
      ['growth field off by one', cases('growth field off by one, less', 'growth field off by one, more')],
      [
        'growth at cap 4,096 / 48',
        tests([
          'packages/consensus/src/header-checks.test.ts',
          'at the cap 4096 x 48 growth goes on and the shape stays',
        ]),
      ],
      [
        'wrong D_val epoch',
        cases('wrong D_val epoch', 'wrong D_val: a reserve before its time', 'a set before its activation'),
      ],
      ['rotation reveal mismatched, late, duplicate', cases('rotation reveal mismatched', 'rotation reveal late')],
      [
        'rotation reveal over the provider cap',
        none('There are no providers: a proposal is one whole set under one bond (LED-24).'),
        cases('proposal without its bond, to the resonance', 'proposal repeated'),
      ],
      ['two chains on both sides of a rotation', cases('two chains on both sides of a rotation')],
      [
        'reorg across finality depth 5/6/7',
        cases('reorganisation of depth 5', 'reorganisation of depth 6', 'reorganisation of depth 7'),
      ],
      ['reward above base+bonus', cases('reward above base and bonus')],
      [
        'halving boundary crossed backwards when coins lapse',
        cases('halving after half of all money'),
        tests(['packages/ledger/src/ages.test.ts', 'coins that lapse bring the halving back, to the resonance']),
      ],
      [
        'heartbeat at deadline -1/0/+1',
        cases(
          'heartbeat at deadline -1, 0 and +1',
          'heartbeat at the deadline',
          'heartbeat at deadline -1 moves a return',
        ),
      ],
      ['recovery claim before/after cancel', cases('recovery claim before cancel', 'recovery claim after cancel')],
      [
        'signature by another key',
        cases('signature by another key', 'heartbeat by another key', 'announcement by the wrong party'),
      ],
      ['header timestamps non-monotone', cases('header timestamps non-monotone', 'timestamp before the parent’s')],
      [
        'valid header with withheld weights',
        tests(
          [machine, 'withheld chunks: the block never becomes the tip'],
          ['test/node/withheld.test.ts', 'withheld chunks are reported after a while'],
        ),
      ],
      [
        '1,000 junk headers/s from 8 peers',
        tests(
          ['test/node/flood.test.ts', '1,000 junk headers a second'],
          ['packages/chain/src/flood.test.ts', 'chains of valid junk headers displace each other'],
        ),
      ],
      [
        'a wrong chunk ends the connection that sent it',
        tests([machineOfPeers, 'a wrong chunk ends the connection that sent it']),
      ],
    ],
  },
];
