// The committed networks. Only a program's entry asks for one by name; everything below gets the object.

import { devnet } from './devnet.ts';
import { growtest } from './growtest.ts';
import { mainnet } from './mainnet.ts';
import type { NetworkParams } from './network-params.ts';
import { regtest } from './regtest.ts';
import { testnet } from './testnet.ts';

export const networks: readonly NetworkParams[] = [mainnet, testnet, devnet, regtest, growtest];

/** The committed network of this name, or null. */
export function networkByName(name: string): NetworkParams | null {
  return networks.find((network) => network.name === name) ?? null;
}
