// What a wallet says when it comes to the end of its keys.

import type { MissingKeys } from '@resonancenet/wallet/scan-block';

export function missingKeysText({ account, branch, first }: MissingKeys): string {
  return `account ${account} has no keys of the branch ${branch} from ${first} on, and payments come near them: unlock the wallet, so that its signer gives more`;
}
