// A recovery policy as the registry has it (LED-12 to LED-20).

import { toHex } from '@resonancenet/bytes/hex';
import { bucketsOf } from '@resonancenet/ledger/ages';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import { canSign, lapses, returns } from '@resonancenet/ledger/policy-id';
import { type Announcement, readPolicy } from '@resonancenet/ledger/policy-registry';
import type { AddressParams } from '@resonancenet/primitives/address';
import type { PolicyId } from '@resonancenet/primitives/ids';
import { parsePolicyId } from '@resonancenet/primitives/policy';
import type { PolicyTerms } from '@resonancenet/primitives/policy-terms';
import { rnt } from './amounts.ts';
import { addressOf, describeTerms } from './describe-transaction.ts';

type Json = Readonly<Record<string, unknown>>;

/** Ages that are told, the oldest first. */
const MAX_AGES = 1_000;

/** `height`: of the tip. The policy's id is one that outputs may have. */
export function describePolicy(
  id: PolicyId,
  terms: PolicyTerms | null,
  ledger: LedgerReader,
  height: number,
  params: AddressParams,
): Json {
  const parts = parsePolicyId(id)!;
  const { lastSign, announcedBefore, announcement } = readPolicy(ledger, id);
  return {
    policyId: toHex(id),
    type: parts.type,
    blocks: parts.blocks,
    ...(terms === null ? {} : describeTerms(terms)),
    // Nobody can send a sign of life for a built-in policy: its outputs age singly.
    builtIn: !canSign(id),
    height,
    lastSign,
    announcedBefore,
    announcement: announcement === null ? null : describeAnnouncement(announcement, parts.blocks, params),
    ...agesOf(id, parts.blocks, ledger, height, lastSign),
  };
}

function describeAnnouncement(
  { height, destination, bonded }: Announcement,
  wait: number,
  params: AddressParams,
): Json {
  return {
    height,
    destination: addressOf(destination, params),
    bonded,
    // Height of the first block that may hold the recovery. The owner's heartbeat cancels it as long as outputs are left.
    usableFrom: height + wait,
  };
}

/** Outputs by the height from which they count their idle age. Policies of which no ages are kept have none. */
function agesOf(id: PolicyId, blocks: number, ledger: LedgerReader, height: number, lastSign: number): Json {
  const ages: Json[] = [];
  let isCut = false;
  for (const { since, amount, count } of bucketsOf(ledger, id)) {
    isCut = ages.length === MAX_AGES;
    if (isCut) break;
    const from = Math.max(since, lastSign);
    ages.push({
      since: from,
      outputs: count,
      amount: rnt(amount),
      idle: height - from,
      ...(lapses(id) ? { lapsesAt: from + blocks, lapsed: from + blocks <= height } : {}),
      ...(returns(id) ? { returnsAt: from + blocks } : {}),
    });
  }
  return { ages, ...(isCut ? { agesCut: true } : {}) };
}
