// An unlocked wallet: its keys, and what it gives of them and signs with them.

import { equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import type { AccountKeys, WalletKeys } from '@resonancenet/keys/account-keys';
import { accountLockId, hashOfLeaf, ownerLeaf } from '@resonancenet/keys/account-policy';
import type { BackupAccount, BackupContent } from '@resonancenet/keys/backup-content';
import { BRANCH, type Branch, HARDENED_LIMIT, keyPath, printPath } from '@resonancenet/keys/derivation-path';
import { exportKeyWindow } from '@resonancenet/keys/export-window';
import { keyWindowCodec } from '@resonancenet/keys/key-window';
import { wipeSecret } from '@resonancenet/keys/wallet-secret';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { BlockId } from '@resonancenet/primitives/ids';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { MAX_MESSAGE_BYTES, messageDigest, ownMessageProof } from '@resonancenet/wallet/message';
import { decodeRntp, encodeRntp, type KeyOrigin, type Rntp } from '@resonancenet/wallet/rntp';
import { keysWithoutOrigin, withOrigins } from '@resonancenet/wallet/rntp-origins';
import { explainRntpProblem } from '@resonancenet/wallet/rntp-problem';
import { addSignatures, type NewSignature } from '@resonancenet/wallet/rntp-signatures';
import { type SignRequest, signRequests } from '@resonancenet/wallet/sign-requests';
import { keysOfSecret } from '../jobs/make-wallet.ts';
import type { MessageToSign, SignerAnswer, WantedKeys } from './signer-protocol.ts';

/** So many keys of each account, as a guardian and as an heir, are found without being told where they are (WAL-57). */
export const SEARCHED_KEYS = 100;

export class OpenedWallet {
  readonly fingerprint: Uint8Array;
  readonly #params: NetworkParams;
  readonly #genesisId: BlockId;
  readonly #keys: WalletKeys;
  #keysForOthers: ReadonlyMap<string, KeyOrigin> | null = null;
  readonly #accounts: ReadonlyMap<number, { readonly known: BackupAccount; readonly keys: AccountKeys }>;

  /** Overwrites the secret: only the keys that follow from it are kept. */
  constructor({ secret, accounts }: BackupContent, params: NetworkParams, genesisId: BlockId) {
    this.#params = params;
    this.#genesisId = genesisId;
    this.#keys = keysOfSecret(secret, params);
    this.fingerprint = this.#keys.fingerprint;
    this.#accounts = new Map(
      accounts.map((known) => [known.number, { known, keys: this.#keys.account(known.number) }]),
    );
    wipeSecret(secret);
  }

  window({ account, branch, first, count }: WantedKeys): SignerAnswer {
    const found = this.#accounts.get(account);
    if (found === undefined) return refused(`the wallet has no account ${account}`);
    if (first + count > HARDENED_LIMIT) return refused(`indexes are below ${HARDENED_LIMIT}`);
    const none = { first: 0, count: 0 };
    const wanted = { first, count };
    const [receive, change] = branch === 'receive' ? [wanted, none] : [none, wanted];
    const window = exportKeyWindow(this.fingerprint, found.keys, found.known.policy, receive, change);
    return window === null
      ? refused(`the policy of account ${account} is not its own`)
      : { kind: 'window', window: encode(keyWindowCodec, window) };
  }

  /** Adds all signatures that are asked of this wallet's keys; refuses what asks for none, and what names a key for its own that is not. */
  sign(bytes: Uint8Array): SignerAnswer {
    const decoded = decodeRntp(bytes);
    if (!decoded.ok) return refused(explainRntpProblem(decoded));
    const rntp = this.#withOwnKeys(decoded.rntp);
    if (!equalBytes(rntp.genesisId, this.#genesisId))
      return refused(`the transaction is of another network than ${this.#params.name}`);
    const requests = signRequests(rntp, this.fingerprint);
    if (requests.length === 0) return refused('it asks for no signature of this wallet, or has them all');
    const added: NewSignature[] = [];
    for (const request of requests) {
      const signature = this.#signatureFor(request);
      if (signature === null)
        return refused(`the key ${toHex(request.publicKey)} is not the wallet's at ${pathText(request.path)}`);
      added.push({ target: request.target, publicKey: request.publicKey, signature });
    }
    const signed = addSignatures(rntp, added);
    if (!signed.ok) return refused(explainRntpProblem(signed));
    return { kind: 'signed', rntp: encodeRntp(signed.rntp), added: added.length };
  }

  /** A text signed with the key of an address (WAL-60). */
  signMessage({ account, branch, index, message }: MessageToSign): SignerAnswer {
    const found = this.#accounts.get(account);
    if (found === undefined) return refused(`the wallet has no account ${account}`);
    const { terms, siblingHash } = found.known.policy;
    const seed = found.keys.privateKey(branch, index);
    const key = publicKey(seed);
    const destination = { lockId: accountLockId(key, siblingHash), policyId: termsPolicyId(terms) };
    const digest = messageDigest(this.#genesisId, destination, hashOfLeaf(ownerLeaf(key)), message);
    const signature = digest === null ? null : sign(digest, seed);
    seed.fill(0);
    if (signature === null) return refused(`a text has at most ${MAX_MESSAGE_BYTES} bytes of UTF-8`);
    const ownBranch = siblingHash === null ? [] : [siblingHash];
    return { kind: 'message', proof: ownMessageProof({ account: { ownBranch }, publicKey: key }, signature) };
  }

  /** Overwrites the keys. */
  wipe(): void {
    for (const { keys } of this.#accounts.values()) keys.wipe();
    this.#keys.wipe();
  }

  /** Who made the transaction knew the public keys of guardians and heirs, not where they are (WAL-57). */
  #withOwnKeys(rntp: Rntp): Rntp {
    const unplaced = keysWithoutOrigin(rntp);
    if (unplaced.length === 0) return rntp;
    this.#keysForOthers ??= this.#deriveKeysForOthers();
    const known = this.#keysForOthers;
    return withOrigins(
      rntp,
      unplaced.flatMap((key) => known.get(toHex(key)) ?? []),
    );
  }

  #deriveKeysForOthers(): ReadonlyMap<string, KeyOrigin> {
    const found = new Map<string, KeyOrigin>();
    for (const [number, { keys }] of this.#accounts)
      for (const branch of ['guardian', 'recovery'] as const)
        for (const [index, key] of keys.publicKeys(branch, 0, SEARCHED_KEYS).publicKeys.entries()) {
          const path = keyPath(this.#params.coinType, number, branch, index);
          found.set(toHex(key), { publicKey: key, fingerprint: this.fingerprint, path });
        }
    return found;
  }

  /** null: the path leads to another key, or to none that signs. */
  #signatureFor({ path, publicKey: wanted, digest }: SignRequest): Uint8Array | null {
    const place = this.#placeOf(path);
    if (place === null) return null;
    const seed = place.keys.privateKey(place.branch, place.index);
    const signature = equalBytes(publicKey(seed), wanted) ? sign(digest, seed) : null;
    seed.fill(0);
    return signature;
  }

  #placeOf(
    path: readonly number[],
  ): { readonly keys: AccountKeys; readonly branch: Branch; readonly index: number } | null {
    const [, , account = -1, branchNumber = -1, index = -1] = path;
    const branch = (Object.keys(BRANCH) as Branch[]).find((name) => BRANCH[name] === branchNumber);
    const found = this.#accounts.get(account);
    if (branch === undefined || found === undefined) return null;
    const expected = keyPath(this.#params.coinType, account, branch, index);
    const isExpected = path.length === expected.length && expected.every((step, at) => step === path[at]);
    return isExpected && (branch !== 'liveness' || index === 0) ? { keys: found.keys, branch, index } : null;
  }
}

function refused(detail: string): SignerAnswer {
  return { kind: 'refused', detail };
}

function pathText(path: readonly number[]): string {
  return path.length <= 16 ? printPath(path) : 'a path that is too long';
}
