import { shownRecoveryCode } from '../../../src/protocol/recovery-code.ts';
import type { BackupStatus, MadeBackup } from '../../sdk/backup/account-backup.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { dayAndTime } from '../model/dates.ts';
import type { CommandContext } from './command-context.ts';
import { grouped } from './people-commands.ts';

const { backup: words } = chatTexts;

const NEW = 'new';
const DELETE = 'delete';

/** How the backup of the account stands, and what may be done about it. */
export async function showBackup(
  context: CommandContext,
  wanted: typeof NEW | typeof DELETE | undefined,
): Promise<void> {
  const status = await context.client.backup.status();
  const chosen = wanted ?? (await askAbout(context, status));
  if (chosen === NEW) await makeBackup(context, status);
  else if (chosen === DELETE) await deleteBackup(context, status);
}

function askAbout({ dialogs }: CommandContext, status: BackupStatus): Promise<string | undefined> {
  return dialogs.page({
    title: words.title,
    lines: [statusText(status), '', words.about],
    choices: [
      { id: NEW, label: status.stored === undefined ? words.make : words.make_again },
      ...(status.stored === undefined ? [] : [{ id: DELETE, label: words.delete }]),
    ],
  });
}

function statusText({ state, stored }: BackupStatus): string {
  return words.states[state](stored === undefined ? '' : dayAndTime(stored.storedAt));
}

/** What stands on the sheet beside the code, for whoever compares it. */
export function sheetLines(madeAt: number, fingerprint: string): readonly string[] {
  return [words.made(dayAndTime(madeAt)), words.fingerprint, ...grouped(fingerprint, 8, 4), ''];
}

async function makeBackup(context: CommandContext, { stored }: BackupStatus): Promise<void> {
  const { dialogs, notices } = context;
  if (
    stored !== undefined &&
    !(await dialogs.confirm(words.replace, [words.replace_about], words.make_again))
  )
    return;
  const { peopleLeftOut } = await showNewBackup(context);
  if (peopleLeftOut > 0) notices.say(words.left_out(peopleLeftOut), 'warning');
}

/** The code is shown once: there is no other moment at which anybody sees it. */
export async function showNewBackup({
  client,
  dialogs,
}: Pick<CommandContext, 'client' | 'dialogs'>): Promise<MadeBackup> {
  const made = await client.backup.make();
  const { server, user } = await client.me();
  await dialogs.page({
    title: words.code_of(user, server),
    lines: [shownRecoveryCode(made.code), '', ...sheetLines(made.madeAt, made.fingerprint), words.code_about],
    code: made.code,
  });
  return made;
}

async function deleteBackup(
  { client, dialogs, notices }: CommandContext,
  { stored }: BackupStatus,
): Promise<void> {
  if (
    stored !== undefined &&
    !(await dialogs.confirm(words.delete_question, [words.delete_about], words.delete))
  )
    return;
  await client.backup.remove();
  notices.say(words.deleted);
}
