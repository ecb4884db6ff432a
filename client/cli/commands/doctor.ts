import { readFile } from 'node:fs/promises';
import { visibleLine } from '../../terminal/visible-text.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { serverOf } from '../account.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandFailure, EXIT_UNEXPECTED } from '../exit-codes.ts';
import { type Check, found } from './doctor-check.ts';
import { profileChecks } from './doctor-profile.ts';
import { serverChecks } from './doctor-server.ts';

/** One connection, the state's files and a few pipes. */
const OPEN_FILES_MIN = 64;

/** Prints one check after the other; exit code 1 when one is not ok. */
export async function runDoctor(context: CommandContext): Promise<void> {
  const server = await serverOf(context.settings);
  let failed = 0;
  const say = (check: Check): void => {
    const { name, user, ok, message, cause, ...more } = check;
    if (!ok) failed += 1;
    const what = user === undefined ? name : `${name} of ${user}`;
    context.output.data(
      { type: 'check', name: what, ok, message: visibleLine(message), cause, ...more },
      `${cliTexts.doctor[ok ? 'ok' : 'not_ok']}  ${filled(cliTexts.checks[name], { user, room: more.room })}: ${visibleLine(message)}`,
    );
  };
  const profile = await profileChecks(context, server);
  for (const check of profile.checks) say(check);
  for (const check of await openFilesChecks()) say(check);
  for await (const check of serverChecks(context, server, profile.trial)) say(check);
  if (failed > 0)
    throw new CommandFailure('doctor', cliTexts.doctor.failed({ count: failed }), EXIT_UNEXPECTED);
}

async function openFilesChecks(): Promise<readonly Check[]> {
  if (process.platform !== 'linux') return [];
  const limits = await readFile('/proc/self/limits', 'utf8');
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1] ?? 'unlimited';
  const ok = soft === 'unlimited' || Number(soft) >= OPEN_FILES_MIN;
  return [found('open files', ok, ok ? 'open_files' : 'few_open_files', { count: soft })];
}
