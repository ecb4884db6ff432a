import { parseUserName } from '../../src/protocol/names.ts';
import { parseRecoveryCode } from '../../src/protocol/recovery-code.ts';
import { sheetLines } from '../chat/commands/backup-commands.ts';
import type { Dialogs } from '../chat/dialogs.ts';
import { dayAndTime } from '../chat/model/dates.ts';
import { confirmedAccount, type Dialling, fetchBackup } from '../sdk/backup/fetched-backup.ts';
import type { AccountContent } from '../sdk/storage/account-content.ts';
import { chatTexts } from '../texts/chat-texts.ts';
import { texts } from '../texts/texts.ts';
import { webTexts } from '../texts/web-texts.ts';

const { welcome } = webTexts;
const SAME = 'same';

/** What came, with the account, of its backup. */
export interface RestoredAccount {
  readonly content: AccountContent;
  /** For people: when the backup was made. */
  readonly made: string;
}

/**
 * An account that its recovery code brings back, once somebody has seen whose keys they are. Undefined: they went back. Rejects with
 * ConclaveError.
 */
export async function restoredAccount(
  dialogs: Dialogs,
  dialling: Dialling,
): Promise<RestoredAccount | undefined> {
  const name = await dialogs.prompt({
    title: welcome.restore_name,
    fault: (text) => (parseUserName(text.trim()) === undefined ? chatTexts.start.bad_name : undefined),
  });
  const user = parseUserName(name?.trim());
  if (user === undefined) return undefined;
  const typed = await dialogs.prompt({ title: welcome.restore_code(user), fault: faultOf });
  const parsed = parseRecoveryCode(typed ?? '');
  if (!parsed.ok) return undefined;
  const wait = <T>(work: () => Promise<T>): Promise<T | undefined> =>
    dialogs.wait({ title: welcome.restoring, about: [] }, work);
  const fetched = await wait(() => fetchBackup(dialling, user, parsed.code));
  if (fetched === undefined) return undefined;
  // An empty browser cannot tell an old backup from the last one: a person compares it with the sheet.
  const answer = await dialogs.page({
    title: welcome.same_sheet(fetched.content.account.name),
    lines: [...sheetLines(fetched.madeAt, fetched.fingerprint), welcome.same_sheet_about],
    choices: [{ id: SAME, label: welcome.same_sheet_yes }],
  });
  if (answer !== SAME) return undefined;
  const content = await wait(() => confirmedAccount(dialling, fetched.content));
  return content && { content, made: dayAndTime(fetched.madeAt) };
}

/** Mistyped codes are found out here: the server counts what it is asked. */
function faultOf(typed: string): string | undefined {
  const parsed = parseRecoveryCode(typed);
  return parsed.ok ? undefined : texts.local[`code_${parsed.reason}`];
}
