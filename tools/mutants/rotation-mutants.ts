// Rules of the rotation of the D_val (LED-24 to LED-28).

import { type Mutant, mutantsOf } from './mutant.ts';

const rotation = 'packages/ledger/src/rotation/rotation.test.ts';
const inBlocks = 'packages/ledger/src/rotation/rotation-in-blocks.test.ts';

export const rotationMutants: readonly Mutant[] = [
  ...mutantsOf('packages/ledger/src/rotation/rotation-actions.ts', [rotation, inBlocks], [
    ['LED-24', 'removed', 'tx-proposal-repeated', 'return record === null\n', 'return true\n'],
    ['LED-24', 'shifted', 'tx-proposal-repeated', 'return record === null\n', "return record === null || record.status === 'expired'\n"],
    ['LED-24', 'removed', 'tx-insufficient', '? { ok: true, bond: params.rotation.bond }', '? { ok: true, bond: 0n }'],
    ['LED-24', 'shifted', 'tx-insufficient', '? { ok: true, bond: params.rotation.bond }', '? { ok: true, bond: params.rotation.bond - 1n }'],
    ['LED-25', 'removed', 'tx-reveal-not-locked-in', "if (record?.status !== 'lockedIn') {", 'if (record == null) {'],
    ['LED-25', 'shifted', 'tx-reveal-not-locked-in', "if (record?.status !== 'lockedIn') {", "if (record?.status !== 'lockedIn' && record?.status !== 'open') {"],
    ['LED-25', 'removed', 'tx-reveal-repeated', 'if (revealedAt !== null) return', 'if (false) return'],
    ['LED-25', 'removed', 'tx-reveal-late', 'return height <= latest\n', 'return true\n'],
    ['LED-25', 'shifted', 'tx-reveal-late', 'return height <= latest\n', 'return height < latest\n'],
    ['LED-25', 'shifted', 'tx-reveal-late', 'return height <= latest\n', 'return height <= latest + 1\n'],
    ['LED-26', 'shifted', '', 'putExpiry(view, height + params.rotation.expiry, subject);', 'putExpiry(view, height + params.rotation.expiry + 1, subject);'],
    ['LED-25', 'removed', '', 'putShard(view, id, subject, content.shard);', ''],
    ['LED-24', 'removed', '', 'totals.bonds += params.rotation.bond;', ''],
  ]),
  ...mutantsOf('packages/ledger/src/rotation/vote-tally.ts', [rotation], [
    ['LED-26', 'shifted', '', "takeOff(view, height - window, 'for', rotation);", "takeOff(view, height - window - 1, 'for', rotation);"],
    ['LED-26', 'shifted', '', "takeOff(view, height - window, 'for', rotation);", "takeOff(view, height - window + 1, 'for', rotation);"],
    ['LED-26', 'removed', '', "takeOff(view, height - window, 'for', rotation);", ''],
    ['LED-26', 'shifted', '', "takeOff(view, height - notice, 'against', rotation);", "takeOff(view, height - notice - 1, 'against', rotation);"],
    ['LED-26', 'removed', '', "takeOff(view, height - notice, 'against', rotation);", ''],
    ['LED-26', 'removed', '', "if (status !== 'open' && status !== 'lockedIn') return;", ''],
    ['LED-26', 'shifted', '', "if (status !== 'open' && status !== 'lockedIn') return;", "if (status !== 'open') return;"],
    ['LED-26', 'shifted', '', 'if (tally.votesFor >= lockIn) setLeader', 'if (tally.votesFor > lockIn) setLeader'],
    ['LED-26', 'shifted', '', 'if (tally.votesFor >= lockIn) setLeader', 'if (tally.votesFor >= lockIn - 1) setLeader'],
    ['LED-26', 'removed', '', 'else if (votesFor >= lockIn) setLeader(view, null);', ''],
  ]),
  ...mutantsOf('packages/ledger/src/rotation/end-of-block.ts', [rotation, inBlocks], [
    ['LED-28', 'removed', '', "if (outcome !== 'active') {\n    forfeitBond(totals, rotation.bond);\n    return;\n  }", ''],
    ['LED-28', 'removed', '', 'createOutput(view, totals, refundTxid(proposal), 0, { amount: amount(rotation.bond), ...refund }, height);', ''],
    ['LED-28', 'shifted', '', 'amount: amount(rotation.bond), ...refund }, height);', 'amount: amount(rotation.bond), ...refund }, height, true);'],
    ['LED-26', 'removed', '', '  failUnrevealed(view, totals, height, params.rotation);\n', ''],
    ['LED-26', 'shifted', '', 'height < activation! - rotation.notice) return;', 'height <= activation! - rotation.notice) return;'],
    ['LED-26', 'shifted', '', 'height < activation! - rotation.notice) return;', 'height < activation! - rotation.notice - 1) return;'],
    ['LED-26', 'removed', '', '  expireOpen(view, totals, height, params.rotation);\n', ''],
    ['LED-26', 'shifted', '', '  expireOpen(view, totals, height, params.rotation);\n  countVote(view, height, header.dvalVote, params.rotation);\n  lockInLeader(view, height, params.rotation);', '  countVote(view, height, header.dvalVote, params.rotation);\n  lockInLeader(view, height, params.rotation);\n  expireOpen(view, totals, height, params.rotation);'],
    ['LED-26', 'shifted', '', 'activation: height + delay });', 'activation: height + delay + 1 });'],
    ['LED-26', 'removed', '', 'if (proposal === null || lockedIn(view) !== null) return;', 'if (proposal === null) return;'],
    ['LED-26', 'removed', '', "if (record.status !== 'open') return;", ''],
    ['LED-28', 'removed', '', 'if (isReserve(header.dvalId, params)) setLastReserve(view, header.dvalId);', ''],
    ['LED-28', 'shifted', '', 'oldLoss: parent.valLoss,', 'oldLoss: header.valLoss,'],
  ]),
  ...mutantsOf('packages/ledger/src/rotation/required-dval.ts', [rotation, inBlocks], [
    ['LED-27', 'removed', 'header-dval', 'if (tallyOf(view, proposal).votesAgainst >= params.rotation.cancel) return', 'if (false) return'],
    ['LED-27', 'shifted', 'header-dval', 'if (tallyOf(view, proposal).votesAgainst >= params.rotation.cancel) return', 'if (tallyOf(view, proposal).votesAgainst > params.rotation.cancel) return'],
    ['LED-27', 'shifted', 'header-dval', 'if (tallyOf(view, proposal).votesAgainst >= params.rotation.cancel) return', 'if (tallyOf(view, proposal).votesAgainst >= params.rotation.cancel - 1) return'],
    ['LED-27', 'removed', 'header-dval', "if (equalBytes(dvalId, parent.dvalId)) return resolved('void');", ''],
    ['LED-27', 'removed', 'header-dval-bounds', "return resolved(loss < least || loss > most ? 'void' : 'active');", "return resolved('active');"],
    ['LED-27', 'shifted', 'header-dval-bounds', "return resolved(loss < least || loss > most ? 'void' : 'active');", "return resolved(loss <= least || loss > most ? 'void' : 'active');"],
    ['LED-27', 'shifted', 'header-dval-bounds', "return resolved(loss < least || loss > most ? 'void' : 'active');", "return resolved(loss < least || loss >= most ? 'void' : 'active');"],
    ['LED-27', 'removed', 'header-dval', 'if (equalBytes(dvalId, header.dvalId)) return decided;', 'return decided;'],
    ['LED-27', 'shifted', 'header-dval', 'return stalled || record.activation === height ?', 'return record.activation === height ?'],
    ['LED-27', 'shifted', 'header-dval', 'return stalled || record.activation === height ?', 'return stalled || record.activation === height + 1 ?'],
    ['LED-27', 'shifted', 'header-dval', 'const fallback = stalled ? reserveAfter(view, parent.dvalId, params) : parent.dvalId;', 'const fallback = parent.dvalId;'],
    ['LED-27', 'removed', 'header-dval-bounds', "if (resolution?.outcome === 'void' && isSetOf", 'if (false && isSetOf'],
    ['CON-10', 'shifted', 'header-dval', 'revealedAt! < height &&', 'revealedAt! <= height &&'],
    ['CON-10', 'shifted', 'header-dval', '(resolvedAt ?? height) >= height,', 'true,'],
    ['CON-10', 'shifted', 'header-dval', '(stalled || activation === height) &&', 'true &&'],
  ]),
];
