/** Only programs on this machine reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** As URLs have it. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
