import { parseRoomName, parseUserName, type RoomName, type UserName } from '../../src/protocol/names.ts';
import { usage } from '../cli/exit-codes.ts';
import { adminTexts } from '../texts/admin-texts.ts';
import { filled } from '../texts/filled.ts';
import type { AdminContext } from './admin-context.ts';

type AccountAction = 'revoke' | 'disable' | 'enable';

const told: Readonly<
  Record<AccountAction, { readonly type: string; readonly human: (user: UserName) => string }>
> = {
  revoke: { type: 'revoked', human: (user) => `every session of ${user} ends; ${user} may log in again` },
  disable: {
    type: 'disabled',
    human: (user) => `${user} is disabled: every session ends, no login is taken`,
  },
  enable: { type: 'enabled', human: (user) => `${user} may log in again` },
};

export async function changeAccount(
  { port, output }: AdminContext,
  action: AccountAction,
  text: string,
): Promise<void> {
  const { user } = await port.ask(action, { user: parsedUser(text) });
  const { type, human } = told[action];
  output.data({ type, user }, human(user));
}

export async function purgeRoom(
  context: AdminContext,
  text: string,
  options: { readonly yes?: boolean },
): Promise<void> {
  const name = parsedRoom(text);
  if (options.yes !== true) await context.confirm(`Delete ${name} with all its messages, for good?`);
  const { room, members } = await context.port.ask('purge', { room: name });
  context.output.data(
    { type: 'purged', room, members },
    `${room} and its messages are deleted; it had ${members} member${members === 1 ? '' : 's'}`,
  );
}

function parsedUser(text: string): UserName {
  const user = parseUserName(text);
  if (user === undefined) throw usage(filled(adminTexts.bad_user, { given: text }));
  return user;
}

function parsedRoom(text: string): RoomName {
  const room = parseRoomName(text);
  if (room === undefined) throw usage(filled(adminTexts.bad_room, { given: text }));
  return room;
}
