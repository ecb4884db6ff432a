import type { ConclaveClient } from '../../sdk/api.ts';
import { localError } from '../../sdk/errors.ts';
import type { Person } from '../../sdk/people/shown.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { showQr } from '../show-qr.ts';

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
    output.data(
      { type: 'trusted', user: person.user },
      filled(cliTexts.said.verified, { user: person.user }),
    );
    return;
  }
  const { user: name, number, trust, shown } = await withRetries(() => client.safetyNumber(user));
  output.data(
    { type: 'safety', user: name, number, trust },
    cliTexts.said.safety_number({ user: name, trust: texts.words.trust[trust], rows: twoRows(number) }),
  );
  // Digits alone make the smallest code.
  if (options.qr !== false) showQr(context, number.replaceAll(' ', ''));
  if (!terminal.isThere()) return;
  const question = filled(cliTexts.asked.same_number, { user: name });
  if (!(await isConfirmed(context, question))) {
    output.note(filled(cliTexts.said.not_verified, { user: name }));
    return;
  }
  await client.verify(shown);
  output.data({ type: 'trusted', user: name }, filled(cliTexts.said.verified, { user: name }));
}

async function refuseOneself(client: ConclaveClient, user: string): Promise<void> {
  const me = await client.me();
  if (me.user.toLowerCase() === user.toLowerCase())
    throw usage(filled(cliTexts.usage.own_account, { user: me.user }));
}

async function isConfirmed({ terminal }: CommandContext, question: string): Promise<boolean> {
  return cliTexts.asked.yes.test((await terminal.line(question, cliTexts.usage.give_fingerprint)).trim());
}

function insistOn({ user, fingerprint }: Person, wanted: string): void {
  if (!sameFingerprint(fingerprint, wanted)) throw localError('trust', 'other_fingerprint', { user });
}

/** As a person gives it: with spaces, colons and capitals. Throws a usage failure for what is no fingerprint. */
export function sameFingerprint(fingerprint: string, given: string): boolean {
  const digits = given.replace(/[\s:]/g, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(digits)) throw usage(texts.local.bad_fingerprint);
  return digits === fingerprint;
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
    const question = filled(cliTexts.asked.same_key, { user: person.user, fingerprint: person.fingerprint });
    if (!(await isConfirmed(context, question))) {
      output.note(filled(cliTexts.said.key_not_accepted, { user: person.user }));
      return;
    }
  }
  await client.trust(person.shown);
  output.data(
    { type: 'trusted', user: person.user },
    filled(cliTexts.said.key_accepted, { user: person.user, fingerprint: person.fingerprint }),
  );
}

function twoRows(number: string): readonly string[] {
  const groups = number.split(' ');
  return [groups.slice(0, 6).join(' '), groups.slice(6).join(' ')];
}
