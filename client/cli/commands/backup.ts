import { shownRecoveryCode } from '../../../src/protocol/recovery-code.ts';
import type { ConclaveClient } from '../../sdk/api.ts';
import type { BackupStatus } from '../../sdk/backup/account-backup.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { isoTime, localTime } from '../output.ts';
import { showQr } from '../show-qr.ts';
import { insistOnYes, type SureOptions } from '../sure.ts';
import { terminalColumns } from '../terminal.ts';

export interface BackupOptions extends SureOptions {
  readonly newCode?: boolean;
  readonly delete?: boolean;
  readonly qr?: boolean;
}

export async function backUp(context: CommandContext, options: BackupOptions): Promise<void> {
  if (options.newCode === true && options.delete === true)
    throw usage(filled(cliTexts.usage.exclusive, { given: '--new-code', wanted: '--delete' }));
  const client = await context.connected();
  if (options.newCode === true) return makeBackup(context, client, { qr: options.qr !== false });
  if (options.delete !== true) return showStatus(context, client);
  const { user } = await client.me();
  await insistOnYes(context.terminal, options, filled(cliTexts.asked.delete_backup, { user }));
  await withRetries(() => client.backup.remove());
  context.output.data({ type: 'backup', state: 'none' }, cliTexts.said.backup_deleted);
}

/** Makes a backup, and prints its code: there is no other moment at which anybody sees it. */
export async function makeBackup(
  context: CommandContext,
  client: ConclaveClient,
  { qr }: { readonly qr: boolean },
): Promise<void> {
  const { output } = context;
  const { user, server } = await client.me();
  const { code, version, madeAt, fingerprint, peopleLeftOut } = await withRetries(() => client.backup.make());
  const shown = shownRecoveryCode(code);
  output.data(
    {
      type: 'backup-made',
      user,
      server,
      code: shown,
      version,
      madeAt: isoTime(madeAt),
      fingerprint,
      peopleLeftOut,
    },
    cliTexts.said.backup_sheet({ user, server, code: shown, fingerprint, time: localTime(madeAt) }),
  );
  if (qr) showQr(context, code);
  if (peopleLeftOut > 0) output.note(cliTexts.said.backup_people_left_out({ count: peopleLeftOut }));
}

/**
 * The backup of an account that was just registered: a person gets one unless they said otherwise, a script only when it asked for one.
 * The account is there whatever becomes of it.
 */
export async function backUpNewAccount(
  context: CommandContext,
  client: ConclaveClient,
  wanted: boolean | undefined,
): Promise<void> {
  const { output, stdout } = context;
  const isWatched = terminalColumns(stdout) !== undefined && !output.json;
  if (wanted === false && isWatched) output.note(cliTexts.said.backup_skipped);
  if (wanted ?? isWatched) {
    try {
      await makeBackup(context, client, { qr: true });
    } catch (error) {
      if (wanted === true || !(error instanceof ConclaveError)) throw error;
      output.note(filled(cliTexts.said.backup_failed, { reason: error.message }));
    }
  }
}

async function showStatus({ output }: CommandContext, client: ConclaveClient): Promise<void> {
  const status = await withRetries(() => client.backup.status());
  const { state, stored, known, codeMadeAt } = status;
  output.data(
    {
      type: 'backup',
      state,
      ...(stored !== undefined && { version: stored.version, storedAt: isoTime(stored.storedAt) }),
      ...(known !== undefined && { known }),
      ...(codeMadeAt !== undefined && { codeMadeAt: isoTime(codeMadeAt) }),
    },
    statusText(status),
  );
}

function statusText({ state, stored, known }: BackupStatus): string {
  return filled(cliTexts.said[`backup_${state}`], {
    version: stored?.version,
    known,
    time: stored === undefined ? undefined : localTime(stored.storedAt),
  });
}
