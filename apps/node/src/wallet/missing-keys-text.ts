// What a wallet says when it comes to the end of its keys.

import type { MissingKeys } from '@resonancenet/wallet/scan-block';

export function missingKeysText({ account, branch, first }: MissingKeys, isWatchOnly: boolean): string {
  const more = isWatchOnly
    ? `export further ones where the keys are (rnt wallet export-keys --account ${account} --first ${first}), then import them here (rnt wallet watch)`
    : 'unlock the wallet, so that its signer gives more';
  return `account ${account} has no keys of the branch ${branch} from ${first} on, and payments come near them: ${more}`;
}
