// Addresses of the loopback network, so that peers on one machine can stand for peers on many.

/** Address number `index`. Where the system has but one loopback address, that one. */
export function loopbackHost(index: number): string {
  const hasMany = process.platform === 'linux' || process.platform === 'win32';
  return hasMany ? `127.0.${1 + (Math.floor(index / 250) % 250)}.${1 + (index % 250)}` : '127.0.0.1';
}
