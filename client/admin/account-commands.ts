import { parseRoomName, parseUserName, type RoomName, type UserName } from '../../src/protocol/names.ts';
import { usage } from '../cli/exit-codes.ts';
import { insistOnYes, type SureOptions } from '../cli/sure.ts';
import { cliTexts } from '../texts/cli-texts.ts';
import { filled } from '../texts/filled.ts';
import type { AdminContext } from './admin-context.ts';

const types = { revoke: 'revoked', disable: 'disabled', enable: 'enabled' } as const;

export async function changeAccount(
  { port, output }: AdminContext,
  action: keyof typeof types,
  text: string,
): Promise<void> {
  const { user } = await port.ask(action, { user: parsedUser(text) });
  output.data({ type: types[action], user }, cliTexts.adminSaid[action]({ user }));
}

export async function purgeRoom(context: AdminContext, text: string, options: SureOptions): Promise<void> {
  const name = parsedRoom(text);
  await insistOnYes(context.terminal, options, filled(cliTexts.asked.purge, { room: name }));
  const { room, members } = await context.port.ask('purge', { room: name });
  context.output.data({ type: 'purged', room, members }, cliTexts.adminSaid.purged({ room, members }));
}

function parsedUser(text: string): UserName {
  const user = parseUserName(text);
  if (user === undefined) throw usage(filled(cliTexts.admin.bad_user, { given: text }));
  return user;
}

function parsedRoom(text: string): RoomName {
  const room = parseRoomName(text);
  if (room === undefined) throw usage(filled(cliTexts.admin.bad_room, { given: text }));
  return room;
}
