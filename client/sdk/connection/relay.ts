/**
 * A relay serves the page on this machine and passes its connections on to a server elsewhere. `/relay/SECRET` answers 204 to
 * whoever knows the secret of this start, and a path of the server behind it, such as `/relay/SECRET/ws`, leads there.
 */
export const RELAY_PATH = '/relay/';

/** In the Server-Timing of the page's own document, which a page can read: with the server's origin as its description. */
export const RELAY_METRIC = 'conclave-relay';

/** In the fragment of the address that a relay prints, which browsers send to nobody. */
export const RELAY_SECRET = 'secret';

/** Where a relay at `base` takes what is for this address of the server. */
export function relayedAddress(base: string, secret: string, address: string): string {
  return `${base}${RELAY_PATH}${secret}${new URL(address).pathname}`;
}
