import { errorWith } from '../../sdk/errors.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { type CommandContext, withRetries } from '../command-context.ts';

/** A member on a second machine, or after the password was changed, does not know it there. */
export async function unlockIfNeeded(
  context: CommandContext,
  room: Room,
  fromFile?: string | undefined,
): Promise<void> {
  if (!room.locked || (room.unlocked && fromFile === undefined)) return;
  const password = fromFile ?? (await askedPassword(context, room.name, 'password_unknown'));
  await withRetries(() => room.unlock(password));
}

/** Without a way to ask, the failure says how the password is given. */
export async function askedPassword(
  { terminal }: CommandContext,
  room: string,
  fault: 'password_needed' | 'password_unknown',
): Promise<string> {
  if (terminal.isThere())
    return terminal.secret(filled(cliTexts.asked.room_password, { room }), cliTexts.usage.give_password);
  const code = fault === 'password_needed' ? 'no_such_room_or_password' : 'needs_password';
  throw errorWith(code, cliTexts.usage[fault], { room });
}
