declare const brand: unique symbol;

/** `ws(s)://host:port`, lower case, port always written; what a client dialled, or one of a gateway's public addresses. */
export type Origin = string & { readonly [brand]: 'Origin' };

/** Accepts a ws:// or wss:// address (a path is dropped) and gives its canonical origin. */
export function parseOrigin(value: unknown): Origin | undefined {
  if (typeof value !== 'string' || value.length > 300) return undefined;
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return undefined;
  }
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') return undefined;
  if (url.username !== '' || url.password !== '' || url.hostname === '') return undefined;
  const port = url.port === '' ? (url.protocol === 'ws:' ? '80' : '443') : url.port;
  return `${url.protocol}//${url.hostname.toLowerCase()}:${port}` as Origin;
}

/** True when the value already is canonical: a server accepts no other spelling. */
export function isCanonicalOrigin(value: string): value is Origin {
  return parseOrigin(value) === value;
}

export function isLoopbackOrigin(origin: Origin): boolean {
  const host = new URL(origin).hostname;
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
