import type { BlockList } from 'node:net';
import { isIP } from 'node:net';

/**
 * The address that limits go by, as text: an IPv4 address, or the /64 network of an IPv6 address, since one subscriber
 * holds as many of the latter as it likes. `forwardedFor` (header X-Forwarded-For) is believed only as far as it was
 * written by trusted proxies: from the right, the first address that is not one of them.
 */
export function clientAddress(peer: Uint8Array, forwardedFor: string, trustedProxies: BlockList): string {
  let address = peerText(peer);
  if (forwardedFor === '') return limitedBy(address);
  const hops = forwardedFor.split(',');
  for (let i = hops.length - 1; i >= 0 && isTrusted(address, trustedProxies); i -= 1) {
    const hop = plainAddress(hops[i]?.trim() ?? '');
    if (hop === undefined) break;
    address = hop;
  }
  return limitedBy(address);
}

/** The address of a peer that speaks for itself; undefined for a trusted proxy. */
export function directAddress(peer: Uint8Array, trustedProxies: BlockList): string | undefined {
  const address = peerText(peer);
  return isTrusted(address, trustedProxies) ? undefined : limitedBy(address);
}

function isTrusted(address: string, trustedProxies: BlockList): boolean {
  // Asked for each connection that the system accepts, and a check costs as much as the rest of that.
  if (trustedProxies.rules.length === 0) return false;
  const version = isIP(address);
  return version !== 0 && trustedProxies.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** An address of a header: without brackets and port, IPv4 in IPv6 as IPv4. */
function plainAddress(hop: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
  return isIP(mapped) === 0 ? undefined : mapped;
}

const MAPPED_PREFIX = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** 4 or 16 bytes as the socket names its peer. A dual-stack listener names IPv4 peers inside ::ffff:0:0/96. */
function peerText(peer: Uint8Array): string {
  if (peer.length === 4) return ipv4Text(peer, 0);
  if (peer.length !== 16) return 'unknown';
  if (isMapped(peer)) return ipv4Text(peer, MAPPED_PREFIX.length);
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((((peer[i] ?? 0) << 8) | (peer[i + 1] ?? 0)).toString(16));
  return groups.join(':');
}

function isMapped(peer: Uint8Array): boolean {
  for (let i = 0; i < MAPPED_PREFIX.length; i += 1) if (peer[i] !== MAPPED_PREFIX[i]) return false;
  return true;
}

function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function limitedBy(address: string): string {
  if (!address.includes(':')) return address;
  // The URL parser writes an IPv6 address in one canonical way.
  const canonical = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
