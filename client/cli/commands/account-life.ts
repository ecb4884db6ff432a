import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { insistOnName, type SureOptions } from '../sure.ts';
import { printIdentity } from './accounts.ts';

/** New keys in the place of the present ones. */
export async function rotateKeys(context: CommandContext): Promise<void> {
  const { output } = context;
  const client = await context.connected();
  output.note(cliTexts.said.making_keys);
  const me = await client.rotate();
  printIdentity(output, me, cliTexts.said.rotated(me));
  output.note(cliTexts.said.rotated_elsewhere);
}

/** Revokes the token that the profile keeps, so the next command logs in anew; with `everywhere` all tokens of the user. */
export async function logOut(
  context: CommandContext,
  { everywhere = false }: { readonly everywhere?: boolean },
): Promise<void> {
  const client = await context.connected();
  await withRetries(() => client.logout({ everywhere }));
  context.output.note(cliTexts.said[everywhere ? 'logged_out_everywhere' : 'logged_out']);
}

/** Ends the account, once a person has typed its name or a script has said --yes. */
export async function closeAccount(context: CommandContext, options: SureOptions): Promise<void> {
  const { output, terminal, settings } = context;
  const { user, server } = await context.account();
  if (options.yes !== true) {
    output.note(cliTexts.said.closing({ user, server }));
    output.note(cliTexts.said.closing_name);
  }
  const question = filled(cliTexts.asked.close_account, { user });
  await insistOnName(terminal, options, { name: user, question, otherName: cliTexts.usage.name_differs });
  const client = await context.connected();
  const me = await client.me();
  await withRetries(() => client.closeAccount());
  output.data({ type: 'closed', server: me.server, user: me.user, id: me.id }, cliTexts.said.closed(me));
  output.note(filled(cliTexts.said.closed_keys, { path: settings.profileDir }));
}
