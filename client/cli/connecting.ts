import type { ConclaveClient } from '../sdk/api.ts';
import type { Deadline } from './deadline.ts';
import type { Output } from './output.ts';

/** The fault, and what a person can do about it where that is not plain. */
export function connectionFault(reason: string): string {
  return /certificate|altnames/i.test(reason)
    ? `${reason} (for a certificate of your own: NODE_EXTRA_CA_CERTS=FILE.pem, and the name that it is for in --server)`
    : reason;
}

/** Until there is a connection: says why not yet, each reason once, and lets the deadline say it when time runs out. */
export function tellWhileConnecting(client: ConclaveClient, output: Output, deadline: Deadline): void {
  const follow = async (): Promise<void> => {
    const told = new Set<string>();
    for await (const status of client.statuses()) {
      if (status.state === 'online' || status.state === 'closed') return;
      if (status.state !== 'waiting') continue;
      deadline.noteFault(connectionFault(status.reason));
      if (told.has(status.reason)) continue;
      told.add(status.reason);
      output.note(`no connection to ${client.origin} yet: ${connectionFault(status.reason)}`);
    }
  };
  // The queue only ends, it never rejects.
  void follow();
}
