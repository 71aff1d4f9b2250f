// The node as RPC methods see it.

import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { BlockStatus } from '@resonancenet/chain/chain-queries';
import type { Hex32 } from '@resonancenet/chain/events';
import { publicKey } from '@resonancenet/crypto/ed25519';
import type { ActionContent } from '@resonancenet/primitives/action-content';
import { keyDestination } from '@resonancenet/primitives/destination';
import { transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { parsePeerAddress } from '../config/node-config.ts';
import { mineOnDemand } from '../mining/mine-on-demand.ts';
import type { ResonanceNode } from '../node.ts';
import { dvalReport, listProposals } from '../rotation/dval-report.ts';
import { fundAction } from '../rotation/fund-action.ts';
import { ownCoins } from '../rotation/own-coins.ts';
import { VERSION } from '../version.ts';
import type { BlockView, ChainTip, FundedTransaction, MiningView, NodeApi, PeerView } from './node-api.ts';

function blockView(node: ResonanceNode, hash: Hex32): BlockView | null {
  const { chain } = node;
  const header = chain.header(hash);
  if (header === null) return null;
  const active = chain.activeChainAt(header.height) === hash;
  const tipHeight = chain.tip().height;
  const stored = node.blocks.body(hash);
  return {
    header,
    body: stored?.body ?? null,
    size: stored?.size ?? null,
    confirmations: active ? tipHeight - header.height + 1 : -1,
    next: active ? chain.activeChainAt(header.height + 1) : null,
    status: statusText(chain.status(hash)),
  };
}

function peerViews(node: ResonanceNode): PeerView[] {
  const nowMs = performance.now();
  return node.machine.peers().map((peer) => ({
    id: Number(peer.peer),
    address: peer.address,
    inbound: !peer.outbound,
    connectedSeconds: Math.floor((nowMs - peer.connectedMs) / 1000),
    userAgent: peer.version?.userAgent ?? '',
    height:
      peer.version === null
        ? null
        : peer.bestHeader === null
          ? peer.version.tipHeight
          : (node.chain.heightOf(peer.bestHeader) ?? peer.version.tipHeight),
    pingMs: peer.roundTripMs === null ? null : Math.round(peer.roundTripMs),
    bytesSent: peer.bytesSent,
    bytesReceived: peer.bytesReceived,
  }));
}

/** Reward of our blocks on the active chain, by walking it; the ledger will know it directly. */
function earned(node: ResonanceNode): bigint {
  let total = 0n;
  const top = node.chain.tip().height;
  for (let height = 1; height <= top; height += 1) {
    const id = node.chain.activeChainAt(height);
    const paid = id !== null && node.isOwn(id) ? node.chain.reward(id) : null;
    for (const { amount } of paid?.outputs ?? []) total += amount;
  }
  return total;
}

function miningView(node: ResonanceNode): MiningView {
  const { stats, history } = node.mining.miner;
  const { reason } = node.mining;
  return {
    mining: node.config.mine && reason === null,
    waiting: reason,
    payTo: node.payToAddress,
    tokensPerSecond: Math.round(stats.tokensPerSecond),
    trainLoss: stats.trainLoss,
    learningRate: stats.learningRate,
    looks: stats.looks,
    lastLook: stats.lastLook,
    blocksFound: stats.blocksFound,
    earned: earned(node),
    history,
  };
}

function chainTips(node: ResonanceNode): ChainTip[] {
  return node.chain.tips().map((tip) => ({
    hash: tip.id,
    height: tip.height,
    valLoss: node.chain.header(tip.id)?.valLoss ?? 0,
    status: statusText(tip),
  }));
}

/** How far a block has come, and why not further. */
function statusText(status: BlockStatus | null): string {
  if (status === null) return 'unknown';
  if (status.active) return status.final ? 'active, final' : 'active';
  return status.reason === null ? status.status : `${status.status}: ${status.reason.code}, ${status.reason.detail}`;
}

/** An action paid by the node's own key; the rest goes back to it. */
function fund(node: ResonanceNode, content: ActionContent): FundedTransaction {
  const { chain, minerIdentity } = node;
  const { params } = node.config;
  const { key } = minerIdentity;
  const coins = ownCoins(chain.ledger, key, chain.tip().height + 1, params);
  const change = keyDestination(publicKey(key), params.recovery);
  const transaction = fundAction(content, {
    params,
    genesisId: fromHex(chain.activeChainAt(0)!),
    key,
    coins,
    change,
  });
  return { txid: toHex(txid(transaction)), hex: toHex(encode(transactionCodec, transaction)) };
}

/** Wires the methods' questions to the node. `onStop` is told when the operator asks for the end. */
export function makeNodeApi(node: ResonanceNode, onStop: () => void): NodeApi {
  const { chain } = node;
  return {
    params: node.config.params,
    startedAtMs: node.startedAtMs,
    version: VERSION,
    tip: () => chain.tip().id,
    finalizedHeight: () => chain.finalizedHeight(),
    hashAt: (height) => chain.activeChainAt(height),
    block: (hash) => blockView(node, hash),
    tips: () => chainTips(node),
    headersHeight: () => Math.max(...chain.tips().map((tip) => tip.height), chain.tip().height),
    inSync: () => node.machine.mayMine(node.clock.now()).mayMine,
    alarms: () => node.alarms,
    peers: () => peerViews(node),
    mining: () => miningView(node),
    tipCheckpoint: () => node.blocks.checkpointPath(toHex(chain.tip().header.checkpointRoot)) ?? '',
    generate: (options) => node.generate(options),
    invalidate: (hash) => node.command({ type: 'invalidate', blockId: hash }),
    reconsider: (hash) => node.command({ type: 'reconsider', blockId: hash }),
    setMining: (enabled) => node.mining.setEnabled(enabled),
    setPayTo: (destination) => {
      node.minerIdentity.setPayTo(destination);
      void node.mining.miner.retarget();
    },
    dvalInfo: () => dvalReport(chain.ledger, chain.tip().header, node.config.params),
    proposals: () => listProposals(chain.ledger, node.config.params),
    dvalVote: () => node.mining.vote,
    setDvalVote: (vote) => {
      node.mining.vote = vote;
    },
    createProposal: (proposal, refund) =>
      fund(node, { kind: 'propose', proposal, refund: refund ?? node.minerIdentity.payTo }),
    createReveal: (salt, shard) => fund(node, { kind: 'reveal', salt, shard }),
    mineBlock: () => mineOnDemand(node),
    setClock: (unixSeconds) => {
      node.clock.set(unixSeconds * 1000);
      node.command({ type: 'tick' });
    },
    addPeer: (address) => {
      const { host, port } = parsePeerAddress(address, node.config.params.ports.p2p);
      node.addPeer(host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
    },
    disconnectPeer: (id) => {
      const peer = String(id);
      if (!node.machine.peers().some((candidate) => candidate.peer === peer)) return false;
      node.command({ type: 'disconnect', peer, detail: 'disconnected by the operator' });
      return true;
    },
    stop: onStop,
  };
}
