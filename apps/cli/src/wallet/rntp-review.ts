// What a wallet is asked to sign, in words (WAL-56).

/** What the node's reviewrntp gives. */
export interface Review {
  readonly wallet: string;
  readonly spent: string;
  readonly ownSpent: string;
  readonly leaves: string;
  readonly outputs: readonly { readonly address: string; readonly amount: string; readonly own: boolean }[];
  readonly feeAndBonds: string;
  readonly recovery: readonly RecoveryAsked[];
  readonly asks: readonly AskedKey[];
  readonly complete: boolean;
}

interface RecoveryAsked {
  readonly kind: 'sign-of-life' | 'announcement' | 'claim';
  readonly policyId: string;
  readonly policy: string | null;
  readonly of: { readonly wallet: string; readonly account: number } | null;
  readonly destination?: string;
  readonly wait?: number;
  readonly by?: 'heir' | 'guardians';
  readonly coins?: number;
  readonly amount?: string;
}

interface AskedKey {
  readonly key: string;
  readonly part: 'owner' | 'sign-of-life' | 'heir' | 'guardian';
  readonly fingerprint: string | null;
  readonly own: boolean | null;
  readonly signed: boolean;
}

const PARTS: Readonly<Record<AskedKey['part'], string>> = {
  owner: 'owner of coins that are spent',
  'sign-of-life': 'owner, for the sign of life',
  heir: 'heir',
  guardian: 'guardian',
};

/** Keys that are listed; a payment may have thousands. */
const MOST_KEYS = 20;

export function reviewText(review: Review): string {
  const { wallet, spent, leaves, outputs, feeAndBonds, recovery, asks } = review;
  const gains = leaves.startsWith('-');
  const amount = gains ? leaves.slice(1) : leaves;
  return [
    ...recovery.map(recoveryText),
    `It spends ${spent} RNT; fee (with bonds) ${feeAndBonds} RNT.`,
    amount === '0'
      ? `Nothing leaves wallet '${wallet}'.`
      : `${gains ? 'To' : 'From'} wallet '${wallet}' ${gains ? 'come' : 'leave'} ${amount} RNT.`,
    ...outputs.map(
      (output) => `  ${output.amount} RNT to ${output.address}${output.own ? ` (of wallet '${wallet}')` : ''}`,
    ),
    'Signatures:',
    ...asks.slice(0, MOST_KEYS).map(keyText),
    ...(asks.length > MOST_KEYS ? [`  and ${asks.length - MOST_KEYS} more keys`] : []),
  ].join('\n');
}

function recoveryText(asked: RecoveryAsked): string {
  const account = accountText(asked);
  switch (asked.kind) {
    case 'sign-of-life':
      return asked.policy?.startsWith('social') === true
        ? `SIGN OF LIFE for ${account}: a recovery that its guardians have announced is off.`
        : `Sign of life for ${account}: its idle time starts again.`;
    case 'announcement':
      return `GUARDIANS ANNOUNCE A RECOVERY of ${account}: ${asked.wait} blocks after its block they may take all coins to ${asked.destination}. Until then the owner can stop it.`;
    case 'claim':
      return `RECOVERY BY ${asked.by === 'heir' ? 'THE HEIR' : 'GUARDIANS'}: takes ${asked.coins} coins, ${asked.amount} RNT, of ${account}.`;
  }
}

function accountText({ of, policy, policyId }: RecoveryAsked): string {
  const known =
    of === null ? 'an account that this node does not watch' : `account ${of.account} of wallet '${of.wallet}'`;
  return `${known} (${policy ?? `policy ${policyId}`})`;
}

function keyText({ key, part, fingerprint, own, signed }: AskedKey): string {
  const whose =
    own === true ? ', this wallet' : fingerprint === null ? ', a wallet that is not named' : `, wallet ${fingerprint}`;
  return `  ${signed ? 'signed ' : 'missing'} ${key} (${PARTS[part]}${whose})`;
}
