// Groups of hosts that one party can easily have many of (P2P-31): peers of one group count once where agreement is asked for.

/** IPv4: the first two bytes; IPv6: the first two groups; else the name itself. */
export function networkGroup(host: string): string {
  const four = /^(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(host.replace(/^::ffff:/i, ''));
  if (four !== null) return `${four[1]}.${four[2]}`;
  if (host.includes(':')) return host.toLowerCase().split(':').slice(0, 2).join(':');
  return host;
}
