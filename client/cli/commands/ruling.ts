import type { Room } from '../../sdk/api.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { readGivenSecret } from '../secret-file.ts';
import { parsedDays } from './days.ts';
import { headerWarning, parsedLayout } from './header-layout.ts';

async function opened(context: CommandContext, room: string): Promise<Room> {
  const client = await context.connected();
  return withRetries(() => client.room(room));
}

export async function renameRoom(context: CommandContext, name: string, next: string): Promise<void> {
  const room = await opened(context, name);
  const formerName = room.name;
  await withRetries(() => room.rename(next));
  context.output.data(
    { type: 'renamed', room: room.name, id: room.id, formerName },
    `renamed ${formerName} to ${room.name}`,
  );
}

export interface SureOptions {
  readonly yes?: boolean;
}

export async function deleteRoom(context: CommandContext, name: string, options: SureOptions): Promise<void> {
  const room = await opened(context, name);
  if (options.yes !== true) {
    const question = `Delete ${room.name} with all its messages, for everybody? Type its name: `;
    const answer = await context.terminal.line(question, 'give --yes');
    if (answer.trim().toLowerCase() !== room.name.toLowerCase())
      throw usage('that is not its name: nothing was deleted');
  }
  await withRetries(() => room.delete());
  context.output.data({ type: 'deleted', room: room.name, id: room.id }, `deleted ${room.name}`);
}

export interface PasswordOptions {
  readonly passwordFile?: string;
  readonly none?: boolean;
}

export async function changePassword(
  context: CommandContext,
  name: string,
  options: PasswordOptions,
): Promise<void> {
  const password = await wantedPassword(context, options);
  const room = await opened(context, name);
  const { toTell } = await withRetries(() => room.setPassword(password));
  const line = { type: 'password', room: room.name, id: room.id, locked: room.locked, toTell };
  const others = toTell.join(', ');
  if (password === undefined) {
    const accept = `; they have to accept it with: conclave room trust ${room.name}`;
    context.output.data(
      line,
      `${room.name} has no password any more${others === '' ? '' : `. Tell ${others}${accept}`}`,
    );
    return;
  }
  context.output.data(
    line,
    `${room.name} has another password${others === '' ? '' : `. Tell it to: ${others}`}`,
  );
}

async function wantedPassword(
  context: CommandContext,
  { passwordFile, none }: PasswordOptions,
): Promise<string | undefined> {
  if (none === true && passwordFile !== undefined)
    throw usage('--none and --password-file exclude each other');
  if (none === true) return undefined;
  if (passwordFile !== undefined) return readGivenSecret(context.output, passwordFile, '--password-file');
  return context.terminal.newSecret(
    'New password of the room (6–60 characters): ',
    'give --password-file FILE, or --none',
  );
}

export async function changeRetention(context: CommandContext, name: string, days: string): Promise<void> {
  const retention = parsedDays(days, 'DAYS');
  const room = await opened(context, name);
  await withRetries(() => room.setRetention(retention));
  context.output.data(
    { type: 'retention', room: room.name, id: room.id, retention },
    retention === 0
      ? `${room.name} stores nothing any more`
      : `messages of ${room.name} are stored for ${retention} ${retention === 1 ? 'day' : 'days'}`,
  );
}

export async function raiseHeader(
  context: CommandContext,
  name: string,
  text: string,
  options: SureOptions,
): Promise<void> {
  const layout = parsedLayout(text, 'LAYOUT');
  const room = await opened(context, name);
  if (options.yes !== true && layout > room.header) {
    context.output.note(`${headerWarning(room.name)} This cannot be undone.`);
    const answer = await context.terminal.line('Type its name to do it: ', 'give --yes');
    if (answer.trim().toLowerCase() !== room.name.toLowerCase())
      throw usage('that is not its name: nothing was changed');
  }
  await withRetries(() => room.raiseHeader(layout));
  context.output.data(
    { type: 'header', room: room.name, id: room.id, header: layout },
    `messages of ${room.name} have headers of layout ${layout}`,
  );
}

export async function changeListing(context: CommandContext, name: string, hidden: boolean): Promise<void> {
  const room = await opened(context, name);
  await withRetries(() => room.setHidden(hidden));
  context.output.data(
    { type: 'hidden', room: room.name, id: room.id, hidden },
    `${room.name} is ${hidden ? 'not ' : ''}in the list of rooms`,
  );
}

const endings = {
  kick: { type: 'kicked', human: 'kicked' },
  ban: { type: 'banned', human: 'banned' },
  unban: { type: 'unbanned', human: 'lifted the ban on' },
} as const;

export async function keepOut(
  context: CommandContext,
  act: keyof typeof endings,
  name: string,
  user: string,
): Promise<void> {
  const room = await opened(context, name);
  await withRetries(() => room[act](user));
  const { type, human } = endings[act];
  context.output.data({ type, room: room.name, id: room.id, user }, `${human} ${user} in ${room.name}`);
}

export async function listBans(context: CommandContext, name: string): Promise<void> {
  const room = await opened(context, name);
  const bans = await withRetries(() => room.bans());
  await context.output.table(
    ['banned'],
    bans.map(({ user, id }) => ({ line: { type: 'ban', room: room.name, user, id }, cells: [user] })),
  );
}

const roles = {
  grant: { role: 'moderator', human: 'a moderator of' },
  revoke: { role: 'member', human: 'a plain member of' },
  handOver: { role: 'owner', human: 'the owner of' },
} as const;

export async function changeRole(
  context: CommandContext,
  act: keyof typeof roles,
  name: string,
  user: string,
): Promise<void> {
  const room = await opened(context, name);
  await withRetries(() => room[act](user));
  const { role, human } = roles[act];
  context.output.data(
    { type: 'role', room: room.name, id: room.id, user, role },
    `${user} is ${human} ${room.name}`,
  );
}

export async function acceptRoom(
  context: CommandContext,
  name: string,
  options: { readonly yes?: boolean },
): Promise<void> {
  const client = await context.connected();
  const shown = await withRetries(() => client.inspectRoom(name));
  if (shown.fault !== undefined && options.yes !== true) {
    const question = `The server says: ${shown.fault}. Use it as it is now? (yes/no) `;
    const answer = await context.terminal.line(question, 'give --yes');
    if (!/^y(es)?$/i.test(answer.trim())) {
      context.output.note(`${shown.name} is not accepted`);
      return;
    }
  }
  await client.trustRoom(shown);
  context.output.data(
    { type: 'room-trusted', room: shown.name },
    shown.fault === undefined
      ? `nothing about ${shown.name} differs from what is known here`
      : `${shown.name} is accepted as it is now`,
  );
}
