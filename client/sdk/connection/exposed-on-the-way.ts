import { isLoopbackOrigin, type Origin } from '../../../src/protocol/origin.ts';

/** What a connection without TLS shows to others, and what to do; undefined where there is TLS, or nobody in between. */
export function exposedOnTheWay(server: Origin): string | undefined {
  if (server.startsWith('wss:') || isLoopbackOrigin(server)) return undefined;
  return `${server} is without TLS: others on the way can see who talks with whom and when, but no messages. Use wss:// if the server offers it`;
}
