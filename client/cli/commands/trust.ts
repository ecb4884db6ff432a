import type { ConclaveClient } from '../../sdk/api.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import type { Person } from '../../sdk/people/shown.ts';
import { blackOnWhite, qrRows } from '../../terminal/qr.ts';
import { filled } from '../../texts/filled.ts';
import { usageTexts } from '../../texts/usage-texts.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { terminalColumns } from '../terminal.ts';

/** Shows the safety number; marks the key that it was of as verified when the person, or the fingerprint, says that it is right. */
export async function verifyUser(
  context: CommandContext,
  user: string,
  options: { readonly fingerprint?: string; readonly qr?: boolean },
): Promise<void> {
  const client = await context.connected();
  await refuseOneself(client, user);
  const { output, terminal } = context;
  if (options.fingerprint !== undefined) {
    const person = await withRetries(() => client.person(user));
    insistOn(person, options.fingerprint);
    await client.verify(person.shown);
    output.data({ type: 'trusted', user: person.user }, `${person.user} is verified`);
    return;
  }
  const { user: name, number, trust, shown } = await withRetries(() => client.safetyNumber(user));
  output.data(
    { type: 'safety', user: name, number, trust },
    `Safety number with ${name} (${trust.replace('_', ' ')}):\n${twoLines(number)}`,
  );
  if (options.qr !== false) showCode(context, number);
  if (!terminal.isThere()) return;
  const question = `Does ${name} see the same number, over a channel you trust? (yes/no) `;
  if (!(await isConfirmed(context, question))) {
    output.note(`${name} is not marked`);
    return;
  }
  await client.verify(shown);
  output.data({ type: 'trusted', user: name }, `${name} is verified`);
}

async function refuseOneself(client: ConclaveClient, user: string): Promise<void> {
  const me = await client.me();
  if (me.user.toLowerCase() === user.toLowerCase())
    throw usage(filled(usageTexts.own_account, { user: me.user }));
}

async function isConfirmed({ terminal }: CommandContext, question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await terminal.line(question, 'give --fingerprint F')).trim());
}

function insistOn({ user, fingerprint }: Person, wanted: string): void {
  const digits = wanted.replace(/[\s:]/g, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(digits)) throw usage('a fingerprint has 64 hexadecimal digits');
  if (digits !== fingerprint) throw new ConclaveError('trust', `the fingerprint of ${user} is another one`);
}

/** The number's digits as a QR code, for people whose terminal has the width. */
function showCode({ output, settings, stdout }: CommandContext, number: string): void {
  const columns = terminalColumns(stdout);
  if (columns === undefined || output.json) return;
  const rows = qrRows(number.replaceAll(' ', ''), settings.colours ? 'dark' : 'light');
  if ((rows[0]?.length ?? 0) > columns) return;
  for (const row of rows) stdout.write(`${settings.colours ? blackOnWhite(row) : row}\n`);
}

/** Accepts a changed key: the one that the person is shown and confirms, or that has this fingerprint. */
export async function trustUser(
  context: CommandContext,
  user: string,
  options: { readonly fingerprint?: string },
): Promise<void> {
  const client = await context.connected();
  await refuseOneself(client, user);
  const { output } = context;
  const person = await withRetries(() => client.person(user));
  if (options.fingerprint !== undefined) insistOn(person, options.fingerprint);
  else if (person.trust === 'changed') {
    const question = `The new key of ${person.user} is\n  ${person.fingerprint}\nIs it the key that ${person.user} sees with: conclave whoami (yes/no) `;
    if (!(await isConfirmed(context, question))) {
      output.note(`the new key of ${person.user} is not accepted`);
      return;
    }
  }
  await client.trust(person.shown);
  output.data(
    { type: 'trusted', user: person.user },
    `${person.user} is trusted with key ${person.fingerprint}`,
  );
}

function twoLines(number: string): string {
  const groups = number.split(' ');
  return `  ${groups.slice(0, 6).join(' ')}\n  ${groups.slice(6).join(' ')}`;
}
