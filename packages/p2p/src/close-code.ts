// Why a connection ends: one closed list (P2P-23). `fault` codes are the peer's doing and have its address discouraged; the others
// say nothing against it.

const closeCodes = {
  'handshake-length': { fault: true, text: 'a handshake message has the wrong length' },
  'handshake-key': { fault: true, text: 'a handshake message holds an invalid public key' },
  'handshake-tag': {
    fault: true,
    text: 'a handshake message does not authenticate: other network, other version or tampering',
  },
  'handshake-timeout': { fault: false, text: 'handshake and version exchange were not finished in time' },
  'packet-tag': {
    fault: true,
    text: 'a packet does not authenticate: changed, repeated, reordered or lost on the way',
  },
  'packet-length': { fault: true, text: 'a packet announces a length that is not allowed' },
  'frame-magic': { fault: true, text: 'a frame begins with the magic of another network' },
  'frame-command': { fault: true, text: 'the command of a frame is not lower-case letters padded with zeros' },
  'frame-length': { fault: true, text: 'a frame is longer than its command allows' },
  'frame-checksum': { fault: true, text: 'the checksum of a frame does not fit its content' },
  'message-malformed': { fault: true, text: 'a message does not follow its format' },
  'message-early': { fault: true, text: 'a message came before the version exchange was finished' },
  'version-duplicate': { fault: true, text: 'a second version or verack message' },
  'version-network': { fault: true, text: 'the peer belongs to another network' },
  'version-old': { fault: false, text: 'the peer speaks only an older protocol version' },
  'version-self': { fault: false, text: 'we connected to ourselves' },
  'duplicate-peer': { fault: false, text: 'there already is a connection to this peer' },
  unrequested: { fault: true, text: 'an answer to a question that was not asked' },
  'headers-discontinuous': { fault: true, text: 'headers of one message that do not follow each other' },
  'headers-rate': { fault: true, text: 'more announcements than an honest peer makes' },
  'request-rate': { fault: true, text: 'more requests than an honest peer makes' },
  'block-invalid': { fault: true, text: 'the peer sent what it must have known to be invalid' },
  'transaction-invalid': { fault: true, text: 'the peer sent a transaction that no honest node passes on' },
  'not-reading': { fault: false, text: 'the peer does not take what it is sent' },
  silent: { fault: false, text: 'nothing was received for too long' },
  'connection-rate': { fault: false, text: 'the host opens connections too quickly' },
  'too-many-peers': { fault: false, text: 'all places for connections are taken' },
  discouraged: { fault: false, text: 'this address broke a rule a short while ago' },
  'remote-closed': { fault: false, text: 'the peer closed the connection' },
  'connection-lost': { fault: false, text: 'the connection broke' },
  operator: { fault: false, text: 'the operator ended it' },
  shutdown: { fault: false, text: 'this node is stopping' },
} as const;

export type CloseCode = keyof typeof closeCodes;

/** All codes, for tests and documents that must name each of them. */
export const CLOSE_CODES: readonly CloseCode[] = Object.keys(closeCodes) as CloseCode[];

/** Whether the code is the peer's fault. */
export function isFault(code: CloseCode): boolean {
  return closeCodes[code].fault;
}

/** What the code means, in words. */
export function closeText(code: CloseCode): string {
  return closeCodes[code].text;
}

/** A connection that must end, with the facts. */
export interface CloseReason {
  readonly code: CloseCode;
  readonly detail: string;
  /** The block that it is about, lower-case hex. */
  readonly blockId?: string;
}
