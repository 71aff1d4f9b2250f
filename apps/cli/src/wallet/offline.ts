// What a machine without a node does itself, by the wallet's folder alone.

import { OfflineWallet } from '@resonancenet/node/wallet/offline-wallet';
import type { Offline } from './wallet-verb.ts';

/** Parameters by position. */
export const offline: Offline = ({ name, networkFolder, params }, method, given) =>
  new OfflineWallet(name, networkFolder, params).ask(method, given as readonly unknown[]);
