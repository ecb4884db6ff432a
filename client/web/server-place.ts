import { type Origin, parseOrigin } from '../../src/protocol/origin.ts';
import { RELAY_METRIC, RELAY_PATH, RELAY_SECRET, relayedAddress } from '../sdk/connection/relay.ts';
import type { WebSocketConstructor } from '../sdk/connection/web-socket.ts';
import type { Fetch } from '../sdk/files/chunk-http.ts';

/** In the storage of this tab, so that a reload finds it again. */
const KEPT_SECRET = 'conclave-relay-secret';

/** Which server the page talks to, and how it gets there. */
export interface ServerPlace {
  readonly server: Origin;
  readonly webSocket: WebSocketConstructor;
  readonly fetch: Fetch;
  /** The page comes from a package on this machine, not from the server. */
  readonly isRelayed: boolean;
}

/** `no-secret`: a relay served the page, and does not know whoever opened it. */
export async function findServer(): Promise<ServerPlace | 'no-secret' | undefined> {
  const own = parseOrigin(location.origin.replace(/^http/, 'ws'));
  const relayed = relayedServer();
  if (relayed === undefined)
    return (
      own && { server: own, webSocket: WebSocket, fetch: (...given) => fetch(...given), isRelayed: false }
    );
  const server = parseOrigin(relayed);
  const secret = takeSecret();
  if (server === undefined || own === undefined || secret === null) return 'no-secret';
  const hello = await fetch(RELAY_PATH + secret, { cache: 'no-store' }).catch(() => undefined);
  if (hello?.ok !== true) {
    sessionStorage.removeItem(KEPT_SECRET);
    return 'no-secret';
  }
  sessionStorage.setItem(KEPT_SECRET, secret);
  return behindRelay(server, own, secret);
}

/** `base`: the relay as a WebSocket dials it. */
function behindRelay(server: Origin, base: string, secret: string): ServerPlace {
  return {
    ...{ server, isRelayed: true },
    webSocket: class extends WebSocket {
      constructor(address: string, subprotocol: string) {
        super(relayedAddress(base, secret, address), subprotocol);
      }
    },
    fetch: (address, init) => fetch(relayedAddress(location.origin, secret, String(address)), init),
  };
}

/** What the relay says of itself with the document; undefined: none served it. */
function relayedServer(): string | undefined {
  const [navigation] = performance.getEntriesByType('navigation');
  return navigation instanceof PerformanceNavigationTiming
    ? navigation.serverTiming.find(({ name }) => name === RELAY_METRIC)?.description
    : undefined;
}

/** From the address, where it does not stay: addresses are shown, and shared. */
function takeSecret(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get(RELAY_SECRET);
  if (given === null) return sessionStorage.getItem(KEPT_SECRET);
  fragment.delete(RELAY_SECRET);
  const rest = fragment.size === 0 ? '' : `#${fragment}`;
  history.replaceState(null, '', location.pathname + location.search + rest);
  return given;
}
