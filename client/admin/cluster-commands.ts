import { usage } from '../cli/exit-codes.ts';
import { isoTime } from '../cli/output.ts';
import { adminTexts } from '../texts/admin-texts.ts';
import { filled } from '../texts/filled.ts';
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

/** Without a number: which form the store has. With one: raises it. */
export async function schema({ port, output }: AdminContext, text: string | undefined): Promise<void> {
  if (text === undefined) {
    const { number, newest } = await port.ask('schema', {});
    const next =
      newest > number
        ? `this release also knows schema ${newest}: once no older gateway runs, conclave-admin schema ${newest}`
        : 'the newest that this release knows';
    output.data({ type: 'schema', number, newest }, `schema ${number}; ${next}`);
    return;
  }
  if (!/^[1-9]\d{0,4}$/.test(text)) throw usage(filled(adminTexts.bad_schema, { given: text }));
  const { number } = await port.ask('raise-schema', { number: Number(text) });
  output.data(
    { type: 'schema', number },
    `schema ${number} is in force: gateways of earlier releases no longer start on this store`,
  );
}
