// Which hosts are this machine itself (P2P-24).

/** Whether an address as sockets give it is a loopback address: 127.0.0.0/8, ::1, or the former in IPv6's clothes. */
export function isLoopback(host: string): boolean {
  const plain = host.toLowerCase().replace(/^::ffff:/, '');
  return plain === '::1' || /^127(\.\d{1,3}){3}$/.test(plain);
}
