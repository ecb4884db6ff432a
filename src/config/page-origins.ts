import type { GatewayConfig } from './gateway-config.ts';

/** Where logins are accepted when no public address is set; see PUBLIC_URLS. */
const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];

/** The addresses of this gateway, as clients dial them: those under which its own page works. `port`: where it listens. */
export function dialledAddresses(
  { publicUrls, tls }: Pick<GatewayConfig, 'publicUrls' | 'tls'>,
  port: number,
): readonly string[] {
  if (publicUrls.length > 0) return publicUrls;
  return LOOPBACK_HOSTS.map((host) => `${tls === undefined ? 'ws' : 'wss'}://${host}:${port}`);
}

/** The origin that a browser names for a page from such an address: without a port that is the usual one. */
export function pageOrigin(address: string): string {
  return new URL(address.replace(/^ws/, 'http')).origin;
}
