import { isLoopbackOrigin, type Origin } from '../../src/protocol/origin.ts';
import type { ConclaveClient } from '../sdk/api.ts';
import { explainedFault } from '../terminal/network-faults.ts';
import type { Deadline } from './deadline.ts';
import type { Output } from './output.ts';

/** The fault, and what a person can do about it where that is not plain. */
export function connectionFault(reason: string, server: Origin): string {
  const explained = explainedFault(reason, new URL(server));
  return explained === undefined ? reason : `${explained} (${plainReason(reason)})`;
}

/** OpenSSL says where in its source it failed. */
function plainReason(reason: string): string {
  return reason.replace(/^.*?:SSL routines:[^:]*:([^:]+):.*$/s, '$1');
}

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
      deadline.noteFault(connectionFault(status.reason, client.origin));
      if (told.has(status.reason)) continue;
      told.add(status.reason);
      output.note(`no connection to ${client.origin} yet: ${connectionFault(status.reason, client.origin)}`);
    }
  };
  // The queue only ends, it never rejects.
  void follow();
}
