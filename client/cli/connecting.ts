import type { ConclaveClient } from '../sdk/api.ts';
import { exposedOnTheWay } from '../sdk/connection/exposed-on-the-way.ts';
import { HELD_UP_MS } from '../sdk/connection/waits.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import { texts } from '../texts/texts.ts';
import type { Deadline } from './deadline.ts';
import type { Output } from './output.ts';

/**
 * Whenever there is no connection: says why, each reason once, and that there is one again. Lets the deadline say what was waited for
 * when time runs out.
 */
export function tellConnecting(client: ConclaveClient, output: Output, deadline: Deadline): void {
  deadline.noteClient(client);
  const warning = exposedOnTheWay(client.origin);
  if (warning !== undefined) output.note(filled(cliTexts.said.warning, { said: warning }));
  const follow = async (): Promise<void> => {
    const told = new Set<string>();
    const noAnswer = filled(cliTexts.said.no_connection_yet, { reason: texts.heldUp.silent });
    let wasOnline = false;
    let slow: NodeJS.Timeout | undefined;
    for await (const status of client.statuses()) {
      clearTimeout(slow);
      if (status.state === 'closed') return;
      // A server that does not answer is given some time before the attempt fails.
      if (status.state === 'connecting' && told.size === 0)
        slow = setTimeout(() => output.note(noAnswer), HELD_UP_MS);
      if (status.state === 'online') {
        if (told.size > 0 && wasOnline) output.note(cliTexts.said.connected_again);
        told.clear();
        wasOnline = true;
      }
      if (status.state !== 'waiting') continue;
      deadline.noteFault(status.error);
      if (told.has(status.reason)) continue;
      told.add(status.reason);
      const { not_connected, no_connection_yet } = cliTexts.said;
      output.note(filled(wasOnline ? not_connected : no_connection_yet, { reason: status.reason }));
    }
  };
  // The queue only ends, it never rejects.
  void follow();
}
