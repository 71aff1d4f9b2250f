// What one wallet is asked to sign of a partially signed transaction (WAL-55).

import { equalBytes } from '@resonancenet/bytes/compare';
import type { DerivationPath } from '@resonancenet/keys/derivation-path';
import type { KeyOrigin, Rntp } from './rntp.ts';
import type { SignatureTarget } from './rntp-problem.ts';
import { keysOf, RntpDigests } from './rntp-signatures.ts';

/** A signature that the holder of a key can give. */
export interface SignRequest {
  readonly target: SignatureTarget;
  /** Whoever signs derives the key of the path and signs only if it is this one. */
  readonly publicKey: Uint8Array;
  readonly path: DerivationPath;
  /** 32 bytes, with the flag ALL. */
  readonly digest: Uint8Array;
}

/** All signatures by keys of the wallet with this fingerprint that are asked for and not there, inputs first. */
export function signRequests(rntp: Rntp, fingerprint: Uint8Array): SignRequest[] {
  const digests = new RntpDigests(rntp);
  const own = new Map(
    rntp.origins
      .filter((origin) => equalBytes(origin.fingerprint, fingerprint))
      .map((origin) => [origin.publicKey.join(), origin]),
  );
  const requests: SignRequest[] = [];
  for (const { target, signed } of targetsOf(rntp)) {
    for (const publicKey of keysOf(rntp, target) ?? []) {
      const origin: KeyOrigin | undefined = own.get(publicKey.join());
      if (origin === undefined || signed.some((one) => equalBytes(one.publicKey, publicKey))) continue;
      const digest = digests.of(target);
      if (digest !== null) requests.push({ target, publicKey, path: origin.path, digest });
    }
  }
  return requests;
}

interface Signed {
  readonly target: SignatureTarget;
  readonly signed: readonly { readonly publicKey: Uint8Array }[];
}

function targetsOf({ inputs, actions }: Rntp): Signed[] {
  return [
    ...inputs.map(({ signatures }, index): Signed => ({ target: { kind: 'input', index }, signed: signatures })),
    ...actions.map((signed, index): Signed => ({ target: { kind: 'action', index }, signed })),
  ];
}
