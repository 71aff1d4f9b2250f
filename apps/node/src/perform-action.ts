// What the node's machine decided is carried out: each action goes to the part of the node that can do it.

import type { NodeAction } from '@resonancenet/p2p/node-machine';
import { crashPoint } from '@resonancenet/storage/crash-point';
import type { Logger } from 'pino';
import type { BlockEvaluations } from './compute/block-evaluations.ts';
import type { MiningControl } from './mining/mining-control.ts';
import type { Tcp } from './net/tcp.ts';
import type { NodeNews } from './node-events.ts';
import type { NodePool } from './pool/node-pool.ts';
import type { WalletService } from './wallet/wallet-service.ts';

export interface ActionTargets {
  readonly tcp: Pick<Tcp, 'send' | 'close' | 'connect'>;
  readonly pool: Pick<NodePool, 'perform'>;
  readonly evaluations: Pick<BlockEvaluations, 'start' | 'cancel'>;
  readonly mining: Pick<MiningControl, 'setGate' | 'noteOwn'>;
  readonly wallets: Pick<WalletService, 'tipMoved' | 'transactionAccepted' | 'transactionRemoved'>;
  readonly log: Logger;
  news(news: NodeNews): void;
  alarm(reason: string): void;
  sleepUntil(atMonotonicMs: number): void;
  verifySignatures(action: Extract<NodeAction, { type: 'verify-signatures' }>): void;
  onVerified(id: string): void;
  onTip(action: Extract<NodeAction, { type: 'tip' }>): void;
}

export function performAction(action: NodeAction, targets: ActionTargets): void {
  const { tcp, pool, wallets, evaluations, mining, log } = targets;
  switch (action.type) {
    case 'send':
      tcp.send(action.peer, action.bytes);
      return;
    case 'close':
      tcp.close(action.peer);
      return;
    case 'connect':
      tcp.connect(action.address);
      return;
    case 'wake':
      targets.sleepUntil(action.atMonotonicMs);
      return;
    case 'peer-ready': {
      const { address, version } = action;
      targets.news({ type: 'peer', state: 'ready', address, detail: version.userAgent });
      return;
    }
    case 'peer-gone': {
      const { address, reason } = action;
      targets.news({ type: 'peer', state: 'gone', address, detail: `${reason.code}: ${reason.detail}` });
      return;
    }
    case 'mining':
      mining.setGate(action.verdict);
      return;
    case 'peer-rejects':
      log.info({ peer: action.peer, code: action.code, id: action.id }, action.detail);
      mining.noteOwn(action.id, (name) => `a peer refused our block ${name}: ${action.code}, ${action.detail}`);
      return;
    case 'evaluate':
      evaluations.start(action);
      return;
    case 'cancel-evaluate':
      evaluations.cancel(action.job);
      return;
    case 'verify-signatures':
      targets.verifySignatures(action);
      return;
    case 'header-accepted':
      return;
    case 'verified':
      targets.onVerified(action.blockId);
      return;
    case 'tip':
      targets.onTip(action);
      wallets.tipMoved();
      return;
    case 'finalized':
      targets.news({ type: 'final', height: action.height });
      return;
    case 'refused': {
      const { code, blockId: hash, peer, detail } = action;
      targets.news({ type: 'refused', code, hash, peer, detail });
      mining.noteOwn(hash, (name) => `our block ${name} was refused: ${code}, ${detail}`);
      return;
    }
    case 'not-active': {
      const { blockId: hash, reason } = action;
      targets.news({ type: 'not-active', hash, reason });
      mining.noteOwn(hash, (name) => `our block ${name} is not paid: ${reason}`);
      return;
    }
    case 'alarm':
      targets.alarm(action.reason);
      return;
    case 'transaction-accepted':
      crashPoint('payment-accepted');
      pool.perform(action);
      wallets.transactionAccepted(action.txid);
      return;
    case 'transaction-removed':
      pool.perform(action);
      wallets.transactionRemoved(action.txid, action.reason);
      return;
    case 'verify-transaction':
    case 'transaction-refused':
      pool.perform(action);
      return;
    default:
      action satisfies never;
  }
}
