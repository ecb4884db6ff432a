import { blackOnWhite, qrRows } from '../../terminal/qr.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { terminalColumns } from '../terminal.ts';

/** Shows the safety number; marks the user as verified when the person, or the fingerprint, says that it is right. */
export async function verifyUser(
  context: CommandContext,
  user: string,
  options: { readonly fingerprint?: string; readonly qr?: boolean },
): Promise<void> {
  const client = await context.connected();
  const { output, terminal } = context;
  if (options.fingerprint !== undefined) {
    const fingerprint = options.fingerprint.replace(/[\s:]/g, '').toLowerCase();
    const person = await withRetries(() => client.verify(user, fingerprint));
    output.data({ type: 'trusted', user: person.user }, `${person.user} is verified`);
    return;
  }
  const safety = await withRetries(() => client.safetyNumber(user));
  output.data(
    { type: 'safety', ...safety },
    `Safety number with ${safety.user} (${safety.trust}):\n${twoLines(safety.number)}`,
  );
  if (options.qr !== false) showCode(context, safety.number);
  if (!terminal.isThere()) return;
  const answer = await terminal.line(
    `Does ${safety.user} see the same number, over a channel you trust? (yes/no) `,
    'give --fingerprint F',
  );
  if (!/^y(es)?$/i.test(answer.trim())) {
    output.note(`${safety.user} is not marked`);
    return;
  }
  const person = await withRetries(() => client.verify(user));
  output.data({ type: 'trusted', user: person.user }, `${person.user} is verified`);
}

/** The number's digits as a QR code, for people whose terminal has the width. */
function showCode({ output, settings, stdout }: CommandContext, number: string): void {
  const columns = terminalColumns(stdout);
  if (columns === undefined || output.json) return;
  const rows = qrRows(number.replaceAll(' ', ''), settings.colours ? 'dark' : 'light');
  if ((rows[0]?.length ?? 0) > columns) return;
  for (const row of rows) stdout.write(`${settings.colours ? blackOnWhite(row) : row}\n`);
}

/** Accepts a changed key. */
export async function trustUser(context: CommandContext, user: string): Promise<void> {
  const client = await context.connected();
  const person = await withRetries(() => client.trust(user));
  context.output.data(
    { type: 'trusted', user: person.user },
    `${person.user} is trusted with key ${person.fingerprint}`,
  );
}

function twoLines(number: string): string {
  const groups = number.split(' ');
  return `  ${groups.slice(0, 6).join(' ')}\n  ${groups.slice(6).join(' ')}`;
}
