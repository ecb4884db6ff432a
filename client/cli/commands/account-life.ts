import { foldName } from '../../../src/protocol/names.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { printIdentity } from './accounts.ts';

/** New keys in the place of the present ones. */
export async function rotateKeys(context: CommandContext): Promise<void> {
  const { output } = context;
  const client = await context.connected();
  output.note('making keys …');
  const me = await client.rotate();
  printIdentity(
    output,
    me,
    `${me.user} at ${me.server} has new keys; the old ones are kept for old messages`,
  );
  output.note('on other machines: conclave export FILE here, conclave import FILE there');
}

/** Revokes the token that the profile keeps, so the next command logs in anew; with `everywhere` all tokens of the user. */
export async function logOut(
  context: CommandContext,
  { everywhere = false }: { readonly everywhere?: boolean },
): Promise<void> {
  const client = await context.connected();
  await withRetries(() => client.logout({ everywhere }));
  context.output.note(everywhere ? 'logged out everywhere' : 'logged out');
}

/** Ends the account, once a person has typed its name or a script has said --yes. */
export async function closeAccount(
  context: CommandContext,
  { yes = false }: { readonly yes?: boolean },
): Promise<void> {
  const { output, terminal, settings } = context;
  const { user, server } = await context.account();
  if (!yes) {
    if (!terminal.isThere())
      throw usage(`closing an account can not be undone: --yes closes that of ${user}`);
    output.note(`This ends the account of ${user} at ${server}. It can not be undone.`);
    output.note('Its name is never given out again, and rooms that it owns pass to others.');
    const typed = await terminal.line(`Type ${user} to close it: `, 'give --yes');
    if (typed.trim().toLowerCase() !== foldName(user)) throw usage('the name differs: nothing was done');
  }
  const client = await context.connected();
  const me = await client.me();
  await withRetries(() => client.closeAccount());
  output.data(
    { type: 'closed', server: me.server, user: me.user, id: me.id },
    `closed the account of ${me.user} at ${me.server}`,
  );
  output.note(`its keys and pins are still in ${settings.profileDir}`);
}
