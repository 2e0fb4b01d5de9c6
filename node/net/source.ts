// Where a connection comes from, as far as one party can have many addresses: an IPv4 address, an IPv6 network of 64 bits.

/** @param address a multiaddr's text; without an IP address in it (a DNS name) there is no source */
export function sourceOf(address: string): string | undefined {
  const [, kind, host] = address.split('/');
  if (kind === 'ip4') return host;
  if (kind !== 'ip6' || host === undefined) return undefined;
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(host)?.[1];
  return mapped ?? network(host.toLowerCase());
}

/** The first four groups of an IPv6 address. */
function network(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const all = tail === undefined ? before : [...before, ...zeros, ...after];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
