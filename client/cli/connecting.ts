import type { Origin } from '../../src/protocol/origin.ts';
import type { ConclaveClient } from '../sdk/api.ts';
import { exposedOnTheWay } from '../sdk/connection/exposed-on-the-way.ts';
import type { Deadline } from './deadline.ts';
import type { Output } from './output.ts';

/** What the faults of the network come to, for a person; `url` is the one that was dialled. */
const explanations: readonly (readonly [fault: RegExp, words: (url: URL) => string])[] = [
  [
    /certificate|altnames/i,
    () =>
      'for a certificate of your own: NODE_EXTRA_CA_CERTS=FILE.pem, and the name that it is for in --server',
  ],
  [
    /wrong version number|packet length too long/i,
    ({ host }) => `this port probably speaks no TLS: try ws://${host}`,
  ],
  [/ENOTFOUND|EAI_AGAIN/, ({ hostname }) => `no such host: ${hostname}`],
  [/ECONNREFUSED/, ({ host }) => `nothing answers at ${host}: is the server running?`],
  [/Unexpected server response/, ({ host }) => `${host} answers, but not as a Conclave server`],
];
const cutAtOnce = /socket hang up|ECONNRESET|Parse Error/i;

/** The fault, and what a person can do about it where that is not plain. */
export function connectionFault(reason: string, server: Origin): string {
  const url = new URL(server);
  const explained = explanations.find(([fault]) => fault.test(reason))?.[1](url);
  if (explained !== undefined) return `${explained} (${plainReason(reason)})`;
  if (cutAtOnce.test(reason) && url.protocol === 'ws:')
    return `the server hung up: this port may speak TLS only, then wss://${url.host} is right (${reason})`;
  return reason;
}

/** OpenSSL says where in its source it failed. */
function plainReason(reason: string): string {
  return reason.replace(/^.*?:SSL routines:[^:]*:([^:]+):.*$/s, '$1');
}

/** Until there is a connection: says why not yet, each reason once, and lets the deadline say it when time runs out. */
export function tellWhileConnecting(client: ConclaveClient, output: Output, deadline: Deadline): void {
  const warning = exposedOnTheWay(client.origin);
  if (warning !== undefined) output.note(`warning: ${warning}`);
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
