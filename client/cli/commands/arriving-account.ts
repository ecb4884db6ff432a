import { text as textOf } from 'node:stream/consumers';
import type { Origin } from '../../../src/protocol/origin.ts';
import type { Dialling } from '../../sdk/backup/fetched-backup.ts';
import { systemClock } from '../../sdk/connection/clock.ts';
import { localError } from '../../sdk/errors.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { BoundedWebSocket } from '../bounded-web-socket.ts';
import type { CommandContext } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { readGivenSecret } from '../secret-file.ts';
import { packageVersion } from '../version.ts';
import { sameFingerprint } from './trust.ts';

export interface AgreementOptions {
  readonly fingerprint?: string;
  readonly yes?: boolean;
}

export function diallingTo(origin: Origin): Dialling {
  const program = `conclave-cli/${packageVersion()}`;
  return { origin, webSocket: BoundedWebSocket, clock: systemClock, program };
}

/** What `--code-file` names; -: standard input. */
export function readCodeFile({ output, stdin }: CommandContext, file: string): Promise<string> {
  return file === '-' ? textOf(stdin) : readGivenSecret(output, file, '--code-file');
}

/** Throws unless the person, or an option, says that this is the account that was meant. */
export async function agreed(
  { terminal, output }: CommandContext,
  { user, fingerprint }: { readonly user: string; readonly fingerprint: string },
  options: AgreementOptions,
  { shown, question }: { readonly shown: readonly string[]; readonly question: string },
): Promise<void> {
  if (options.fingerprint !== undefined) {
    if (!sameFingerprint(fingerprint, options.fingerprint))
      throw localError('trust', 'other_fingerprint', { user });
    return;
  }
  if (options.yes === true) return;
  for (const line of shown) output.note(line);
  const answer = await terminal.line(question, cliTexts.usage.give_yes_or_fingerprint);
  if (!cliTexts.asked.yes.test(answer.trim())) throw usage(cliTexts.usage.nothing_done);
}
