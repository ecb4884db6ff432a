import { isoTime } from '../cli/output.ts';
import type { AdminContext } from './admin-context.ts';

/** The code alone is the data, so that it can go into a file. */
export async function printInvite({ port, output }: AdminContext): Promise<void> {
  const { code, expiresAt } = await port.ask('invite', {});
  output.data({ type: 'invite', code, expiresAt: isoTime(expiresAt) }, code);
  output.note(`for one registration, until ${isoTime(expiresAt)}: conclave register NAME --invite-file FILE`);
}

export async function rotateSecret({ port, output }: AdminContext): Promise<void> {
  const { number, previousUntil } = await port.ask('rotate-secret', {});
  const until = isoTime(previousUntil);
  output.data(
    { type: 'secret', number, previousUntil: until },
    `secret ${number} signs new tokens; those of the one before are accepted until ${until}`,
  );
}
