import { parseInviteCode } from '../../../src/protocol/invite-code.ts';
import type { Me } from '../../sdk/api.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import type { Account } from '../account.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { tellWhileConnecting } from '../connecting.ts';
import { CommandFailure, EXIT_USAGE, usage } from '../exit-codes.ts';
import { readGivenSecret } from '../secret-file.ts';

/** A person may mistype a code so often. */
const ASKED_MAX = 3;
const INSTEAD = 'give --invite-file FILE';

/** The code in a file, if one was named. Throws a usage failure for what can be no code. */
export async function readInvite(
  { output }: CommandContext,
  file: string | undefined,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readGivenSecret(output, file, '--invite-file');
  if (parseInviteCode(text) === undefined)
    throw usage(`--invite-file: ${file} holds no invitation code, such as K10M-PQRS-TVWX-YZ01`);
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
  tellWhileConnecting(client, output, deadline);
  const options = invite === undefined ? {} : { invite };
  return deadline.race(withRetries(() => client.register(options)));
}

async function askedInvite({ terminal, output }: CommandContext, refusal: ConclaveError): Promise<string> {
  const failure = (message: string): CommandFailure =>
    new CommandFailure('usage', message, EXIT_USAGE, refusal);
  if (!terminal.isThere()) throw failure(`this server takes new accounts by invitation: ${INSTEAD}`);
  for (let asked = 0; asked < ASKED_MAX; asked += 1) {
    const text = await terminal.line('Invitation code: ', INSTEAD);
    if (parseInviteCode(text) !== undefined) return text;
    output.note('a code is 16 letters and digits, such as K10M-PQRS-TVWX-YZ01');
  }
  throw failure('this was no invitation code');
}

function isInviteNeeded(error: unknown): error is ConclaveError {
  return error instanceof ConclaveError && error.code === 'invite_needed';
}
