import { parseInviteCode } from '../../../src/protocol/invite-code.ts';
import type { Me } from '../../sdk/api.ts';
import { type ConclaveError, hasCode } from '../../sdk/errors.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import type { Account } from '../account.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { tellConnecting } from '../connecting.ts';
import { CommandFailure, EXIT_USAGE, usage } from '../exit-codes.ts';
import { readGivenSecret } from '../secret-file.ts';

/** A person may mistype a code so often. */
const ASKED_MAX = 3;

/** The code in a file, if one was named. Throws a usage failure for what can be no code. */
export async function readInvite(
  { output }: CommandContext,
  file: string | undefined,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readGivenSecret(output, file, '--invite-file');
  if (parseInviteCode(text) === undefined)
    throw usage(filled(cliTexts.usage.bad_invite_file, { path: file }));
  return text;
}

/**
 * Makes the account. When the server takes accounts by invitation and no file held one, the person at the terminal is
 * asked. `open` gives the account's client anew: one that was refused is over.
 */
export async function registerInvited(
  context: CommandContext,
  open: () => Promise<Account>,
  fromFile: string | undefined,
): Promise<Me> {
  let invite = fromFile;
  for (let asked = 0; ; asked += 1) {
    try {
      return await registerOnce(context, await open(), invite);
    } catch (error) {
      if (!isInviteNeeded(error) || fromFile !== undefined || asked === ASKED_MAX) throw error;
      if (asked > 0) context.output.note(error.message);
      invite = await askedInvite(context, error);
    }
  }
}

async function registerOnce(
  { output, deadline }: CommandContext,
  { client }: Account,
  invite: string | undefined,
): Promise<Me> {
  tellConnecting(client, output, deadline);
  const options = invite === undefined ? {} : { invite };
  return deadline.race(withRetries(() => client.register(options)));
}

async function askedInvite({ terminal, output }: CommandContext, refusal: ConclaveError): Promise<string> {
  const failure = (message: string): CommandFailure =>
    new CommandFailure('usage', message, EXIT_USAGE, refusal);
  if (!terminal.isThere()) throw failure(cliTexts.usage.invite_needed);
  for (let asked = 0; asked < ASKED_MAX; asked += 1) {
    const text = await terminal.line(cliTexts.asked.invitation, cliTexts.usage.give_invite);
    if (parseInviteCode(text) !== undefined) return text;
    output.note(cliTexts.usage.bad_invite);
  }
  throw failure(cliTexts.usage.no_invite);
}

function isInviteNeeded(error: unknown): error is ConclaveError {
  return hasCode(error, 'invite_needed');
}
