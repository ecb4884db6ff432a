import { HEADER_LAYOUT_FIRST, SUITE_FIRST } from '../../../src/protocol/limits.ts';
import { localError } from '../../sdk/errors.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { texts } from '../../texts/texts.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { readGivenSecret } from '../secret-file.ts';
import { invitationTo } from './contacts.ts';
import { headerWarning, oneOrTwo, suiteWarning } from './header-layout.ts';
import { parsedRetention } from './retention.ts';
import { askedPassword, unlockIfNeeded } from './room-password.ts';

export interface CreateOptions {
  readonly header?: string;
  readonly suite?: string;
  readonly hidden?: boolean;
  /** Given: ask for one. */
  readonly password?: boolean;
  readonly passwordFile?: string;
  readonly retention?: string;
}

export async function listRooms(
  context: CommandContext,
  options: { readonly prefix?: string },
): Promise<void> {
  const { prefix } = options;
  if (prefix !== undefined && !/^[A-Za-z0-9]{0,30}$/.test(prefix))
    throw usage(filled(cliTexts.usage.bad_prefix, { given: prefix }));
  const client = await context.connected();
  const rooms = await withRetries(async () => {
    const found = [];
    for await (const room of client.listRooms(options)) found.push(room);
    return found;
  });
  const online = await withRetries(() => client.usersOnline());
  const lives = new Map((await client.keptRooms()).map(({ room, life }) => [room, life]));
  await context.output.table(
    ['room', 'online', 'members', 'password', 'suite'],
    rooms.map((room) => ({
      line: { type: 'room', ...room, ...lifeLine(lives.get(room.room)) },
      cells: [
        room.room,
        String(room.online),
        String(room.members),
        room.password ? texts.words.yes : texts.words.no,
        String(room.suite),
      ],
    })),
    { line: { type: 'total', online }, human: cliTexts.said.online({ count: online }) },
  );
}

/** Of rooms that the user is in, as far as they were entered here. */
function lifeLine(seconds = 0): { readonly disappear?: number } {
  return seconds === 0 ? {} : { disappear: seconds };
}

export async function listMembers(context: CommandContext, room: string): Promise<void> {
  const client = await context.connected();
  const members = await withRetries(async () => (await client.room(room)).members());
  await context.output.table(
    ['user', 'role', 'online', 'trust'],
    members.map(({ user, id, role, online, trust }) => ({
      line: { type: 'member', user, id, role, online, trust },
      cells: [
        user,
        texts.words.role[role],
        texts.words[online === undefined ? 'unknown' : online ? 'yes' : 'no'],
        texts.words.trust[trust],
      ],
    })),
  );
}

export async function createRoom(
  context: CommandContext,
  room: string,
  options: CreateOptions,
): Promise<void> {
  const retentionHours =
    options.retention === undefined ? undefined : parsedRetention(options.retention, '--retention');
  const header = options.header === undefined ? undefined : oneOrTwo(options.header, '--header');
  const suite = options.suite === undefined ? undefined : oneOrTwo(options.suite, '--suite');
  const password = await newPassword(context, options);
  const client = await context.connected();
  const made = await withRetries(() =>
    client.create(room, {
      hidden: options.hidden === true,
      ...(password === undefined ? {} : { password }),
      ...(retentionHours === undefined ? {} : { retentionHours }),
      ...(header === undefined ? {} : { header }),
      ...(suite === undefined ? {} : { suite }),
    }),
  );
  if (header !== undefined && header > HEADER_LAYOUT_FIRST) context.output.note(headerWarning(made.room));
  if (suite !== undefined && suite > SUITE_FIRST) context.output.note(suiteWarning(made.room));
  context.output.data(
    { type: 'created', room: made.room, id: made.id },
    filled(cliTexts.said.created, { room: made.room }),
  );
}

export async function joinRoom(
  context: CommandContext,
  room: string,
  options: { readonly passwordFile?: string },
): Promise<void> {
  const fromFile =
    options.passwordFile === undefined
      ? undefined
      : await readGivenSecret(context.output, options.passwordFile, '--password-file');
  const client = await context.connected();
  const own = (await withRetries(() => client.ownRooms())).find(
    (entry) => entry.room.toLowerCase() === room.toLowerCase(),
  );
  const invitation = await withRetries(() => invitationTo(client, room));
  if (own !== undefined) {
    if (invitation?.kind === 'direct') await withRetries(() => client.contacts.accept(invitation));
    await unlockIfNeeded(context, await withRetries(() => client.room(own.room)), fromFile);
    context.output.data(
      { type: 'joined', room: own.room, id: own.id },
      filled(cliTexts.said.already_in, { room: own.room }),
    );
    return;
  }
  const locked = (await withRetries(() => client.lookup(room))).password;
  const password = fromFile ?? (locked ? await askedPassword(context, room, 'password_needed') : undefined);
  const joined = await withRetries(() =>
    invitation === undefined ? client.join(room, password) : client.contacts.accept(invitation, password),
  );
  context.output.data(
    { type: 'joined', room: joined.room, id: joined.id },
    filled(cliTexts.said.joined, { room: joined.room }),
  );
}

export async function leaveRoom(context: CommandContext, room: string): Promise<void> {
  const client = await context.connected();
  const own = (await withRetries(() => client.ownRooms())).find(
    (entry) => entry.room.toLowerCase() === room.toLowerCase(),
  );
  if (own === undefined) throw localError('not_a_member', 'not_in_room', { room });
  await withRetries(() => client.leave(own.room));
  context.output.data(
    { type: 'left', room: own.room, id: own.id },
    filled(cliTexts.said.left, { room: own.room }),
  );
}

async function newPassword(context: CommandContext, options: CreateOptions): Promise<string | undefined> {
  if (options.passwordFile !== undefined) {
    if (options.password === true)
      throw usage(filled(cliTexts.usage.exclusive, { given: '--password', wanted: '--password-file' }));
    return readGivenSecret(context.output, options.passwordFile, '--password-file');
  }
  if (options.password !== true) return undefined;
  return context.terminal.newSecret(cliTexts.asked.new_room_password, cliTexts.usage.give_password);
}
