import { isLoopbackOrigin, type Origin } from '../../src/protocol/origin.ts';
import type { ConclaveClient } from '../sdk/api.ts';
import type { Deadline } from './deadline.ts';
import type { Output } from './output.ts';

/** Undefined where nobody is between, or nobody can look. */
export function exposedOnTheWay(server: Origin): string | undefined {
  if (server.startsWith('wss:') || isLoopbackOrigin(server)) return undefined;
  return `warning: ${server} is without TLS: who talks with whom can be seen on the way; messages cannot`;
}

/** Until there is a connection: says why not yet, each reason once, and lets the deadline say it when time runs out. */
export function tellWhileConnecting(client: ConclaveClient, output: Output, deadline: Deadline): void {
  const warning = exposedOnTheWay(client.origin);
  if (warning !== undefined) output.note(warning);
  const follow = async (): Promise<void> => {
    const told = new Set<string>();
    for await (const status of client.statuses()) {
      if (status.state === 'online' || status.state === 'closed') return;
      if (status.state !== 'waiting') continue;
      deadline.noteFault(status.error);
      if (told.has(status.reason)) continue;
      told.add(status.reason);
      output.note(`no connection yet: ${status.reason}`);
    }
  };
  // The queue only ends, it never rejects.
  void follow();
}
