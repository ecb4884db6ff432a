import type { ConclaveClient } from '../sdk/api.ts';
import { exposedOnTheWay } from '../sdk/connection/exposed-on-the-way.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import type { Deadline } from './deadline.ts';
import type { Output } from './output.ts';

/** Until there is a connection: says why not yet, each reason once, and lets the deadline say it when time runs out. */
export function tellWhileConnecting(client: ConclaveClient, output: Output, deadline: Deadline): void {
  const warning = exposedOnTheWay(client.origin);
  if (warning !== undefined) output.note(filled(cliTexts.said.warning, { said: warning }));
  const follow = async (): Promise<void> => {
    const told = new Set<string>();
    for await (const status of client.statuses()) {
      if (status.state === 'online' || status.state === 'closed') return;
      if (status.state !== 'waiting') continue;
      deadline.noteFault(status.error);
      if (told.has(status.reason)) continue;
      told.add(status.reason);
      output.note(filled(cliTexts.said.no_connection_yet, { reason: status.reason }));
    }
  };
  // The queue only ends, it never rejects.
  void follow();
}
