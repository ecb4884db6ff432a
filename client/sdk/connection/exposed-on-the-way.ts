import { isLoopbackOrigin, type Origin } from '../../../src/protocol/origin.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';

/** What a connection without TLS shows to others, and what to do; undefined where there is TLS, or nobody in between. */
export function exposedOnTheWay(server: Origin): string | undefined {
  if (server.startsWith('wss:') || isLoopbackOrigin(server)) return undefined;
  return filled(texts.local.exposed, { server });
}
