import { usage } from '../cli/exit-codes.ts';
import { isoTime } from '../cli/output.ts';
import { insistOnYes, type SureOptions } from '../cli/sure.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import type { AdminContext } from './admin-context.ts';

/** The code alone is the data, so that it can go into a file. */
export async function printInvite({ port, output }: AdminContext): Promise<void> {
  const { code, expiresAt } = await port.ask('invite', {});
  output.data({ type: 'invite', code, expiresAt: isoTime(expiresAt) }, code);
  output.note(filled(cliTexts.adminSaid.invite_until, { until: isoTime(expiresAt) }));
}

export async function rotateSecret({ port, output }: AdminContext): Promise<void> {
  const { number, previousUntil } = await port.ask('rotate-secret', {});
  const until = isoTime(previousUntil);
  output.data(
    { type: 'secret', number, previousUntil: until },
    filled(cliTexts.adminSaid.secret, { number, until }),
  );
}

/** Without a number: which form the store has. With one: raises it. */
export async function schema(
  { port, output, terminal }: AdminContext,
  text: string | undefined,
  options: SureOptions,
): Promise<void> {
  if (text === undefined) {
    const { number, newest } = await port.ask('schema', {});
    const said = cliTexts.adminSaid[newest > number ? 'schema_older' : 'schema'];
    output.data({ type: 'schema', number, newest }, filled(said, { number, newest }));
    return;
  }
  if (!/^[1-9]\d{0,4}$/.test(text)) throw usage(filled(cliTexts.admin.bad_schema, { given: text }));
  await insistOnYes(terminal, options, filled(cliTexts.asked.raise_schema, { number: text }));
  const { number } = await port.ask('raise-schema', { number: Number(text) });
  output.data({ type: 'schema', number }, filled(cliTexts.adminSaid.schema_raised, { number }));
}
