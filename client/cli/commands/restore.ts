import type { UserName } from '../../../src/protocol/names.ts';
import type { Origin } from '../../../src/protocol/origin.ts';
import { parseRecoveryCode, type RecoveryCode } from '../../../src/protocol/recovery-code.ts';
import { rememberServer } from '../../profile/default-server.ts';
import { Profile } from '../../profile/profile.ts';
import { confirmedAccount, type FetchedBackup, fetchBackup } from '../../sdk/backup/fetched-backup.ts';
import { localError } from '../../sdk/errors.ts';
import { parsePerson } from '../../sdk/people/person-record.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { newPassphrase, serverOf } from '../account.ts';
import { asked, type CommandContext } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { isoTime, localTime } from '../output.ts';
import { type AgreementOptions, agreed, diallingTo, readCodeFile } from './arriving-account.ts';

/** A person may mistype a code so often. */
const ASKED_MAX = 3;

export interface RestoreOptions extends AgreementOptions {
  readonly codeFile?: string;
}

/** Onto a machine that has nothing of the account: nothing is written before the person has seen whose keys they are. */
export async function restoreAccount(
  context: CommandContext,
  user: UserName,
  options: RestoreOptions,
): Promise<void> {
  const { settings, terminal, output } = context;
  const server = await serverOf(settings);
  const profile = new Profile(settings.profileDir);
  if (await profile.hasKeys(server, user)) throw localError('profile_exists', 'keys_exist', { user, server });
  const code = await readCode(context, user, options.codeFile);
  const dialling = diallingTo(server);
  const fetched = await asked(context, () => fetchBackup(dialling, user, code));
  const about = { user: fetched.content.account.name, fingerprint: fetched.fingerprint };
  const shown = cliTexts.said.restoring({ ...about, server, time: localTime(fetched.madeAt) });
  // An empty machine cannot tell an old backup from the last one: a person compares it with the sheet.
  await agreed(context, about, options, { shown: shown.split('\n'), question: cliTexts.asked.same_sheet });
  const content = await asked(context, () => confirmedAccount(dialling, fetched.content));
  const prompt = filled(cliTexts.asked.new_passphrase_of, { user: content.account.name });
  await profile.import(server, content, await newPassphrase(settings, terminal, prompt));
  await rememberServer(settings.profileDir, server, { overwrite: false });
  printRestored(context, server, fetched);
  if ((content.peopleLeftOut ?? 0) > 0)
    output.note(cliTexts.said.backup_people_left_out({ count: content.peopleLeftOut ?? 0 }));
  output.note(filled(cliTexts.said.restored_without, { time: localTime(fetched.madeAt) }));
}

/** Mistyped codes are found out here: the server counts what it is asked. */
async function readCode(
  context: CommandContext,
  user: UserName,
  file: string | undefined,
): Promise<RecoveryCode> {
  if (file !== undefined) {
    const parsed = parseRecoveryCode(await readCodeFile(context, file));
    if (!parsed.ok) throw usage(texts.local[`code_${parsed.reason}`]);
    return parsed.code;
  }
  const prompt = filled(cliTexts.asked.recovery_code, { user });
  for (let asked = 1; ; asked += 1) {
    const parsed = parseRecoveryCode(await context.terminal.secret(prompt, cliTexts.usage.give_code_file));
    if (parsed.ok) return parsed.code;
    const said = texts.local[`code_${parsed.reason}`];
    if (asked === ASKED_MAX) throw usage(said);
    context.output.note(said);
  }
}

function printRestored(
  { output }: CommandContext,
  server: Origin,
  { content: { account, records, peopleLeftOut = 0 }, user: id, version, madeAt, fingerprint }: FetchedBackup,
): void {
  const people = records.filter(({ table }) => table === 'people').map(({ value }) => parsePerson(value));
  const counts = {
    people: people.length,
    verified: people.filter((person) => person?.compared !== undefined).length,
    secrets: records.filter(({ table }) => table === 'secrets').length,
  };
  const { name: user } = account;
  output.data(
    {
      ...{ type: 'restored', server, user, id, fingerprint, version, madeAt: isoTime(madeAt) },
      ...counts,
      peopleLeftOut,
    },
    `${cliTexts.said.identity({ said: cliTexts.said.restored({ user, server }), fingerprint })}\n${cliTexts.said.restored_with(counts)}`,
  );
}
