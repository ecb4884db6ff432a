import { SUITE_FIRST } from '../../../src/protocol/limits.ts';
import type { Room } from '../../sdk/rooms/room.ts';
import { cliTexts } from '../../texts/cli-texts.ts';
import { filled } from '../../texts/filled.ts';
import { lifeText } from '../../texts/message-life.ts';
import { type CommandContext, withRetries } from '../command-context.ts';
import { usage } from '../exit-codes.ts';
import { readGivenSecret } from '../secret-file.ts';
import { insistOnName, insistOnYes, type SureOptions } from '../sure.ts';
import { headerWarning, oneOrTwo, suiteWarning } from './header-layout.ts';
import { parsedLife } from './life.ts';
import { parsedRetention } from './retention.ts';

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
    cliTexts.said.renamed({ from: formerName, to: room.name }),
  );
}

function insistOnRoom(
  { terminal }: CommandContext,
  { name }: Room,
  options: SureOptions,
  question: string,
): Promise<void> {
  return insistOnName(terminal, options, { name, question, otherName: cliTexts.usage.not_its_name });
}

export async function deleteRoom(context: CommandContext, name: string, options: SureOptions): Promise<void> {
  const room = await opened(context, name);
  await insistOnRoom(context, room, options, filled(cliTexts.asked.delete_room, { room: room.name }));
  await withRetries(() => room.delete());
  context.output.data(
    { type: 'deleted', room: room.name, id: room.id },
    filled(cliTexts.said.deleted, { room: room.name }),
  );
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
  const users = toTell.join(', ');
  const { said } = cliTexts;
  const [alone, told] =
    password === undefined
      ? [said.password_removed, said.password_removed_tell]
      : [said.password_changed, said.password_changed_tell];
  context.output.data(line, filled(users === '' ? alone : told, { room: room.name, users }));
}

async function wantedPassword(
  context: CommandContext,
  { passwordFile, none }: PasswordOptions,
): Promise<string | undefined> {
  if (none === true && passwordFile !== undefined)
    throw usage(filled(cliTexts.usage.exclusive, { given: '--none', wanted: '--password-file' }));
  if (none === true) return undefined;
  if (passwordFile !== undefined) return readGivenSecret(context.output, passwordFile, '--password-file');
  return context.terminal.newSecret(
    cliTexts.asked.changed_room_password,
    cliTexts.usage.give_password_or_none,
  );
}

export async function changeRetention(
  context: CommandContext,
  name: string,
  time: string,
  options: SureOptions,
): Promise<void> {
  const retentionHours = parsedRetention(time, 'TIME');
  const room = await opened(context, name);
  if (retentionHours < room.retentionHours)
    await insistOnYes(
      context.terminal,
      options,
      cliTexts.asked.store_less({ room: room.name, hours: retentionHours }),
    );
  await withRetries(() => room.setRetentionHours(retentionHours));
  const { retention } = room;
  const retentionLine = retentionHours === 24 * retention ? { retention } : { retention, retentionHours };
  context.output.data(
    { type: 'retention', room: room.name, id: room.id, ...retentionLine },
    retentionHours === 0
      ? filled(cliTexts.said.stores_nothing, { room: room.name })
      : cliTexts.said.stores({ room: room.name, hours: retentionHours }),
  );
}

export async function changeLife(context: CommandContext, name: string, time: string): Promise<void> {
  const seconds = parsedLife(time, 'TIME');
  const room = await opened(context, name);
  await withRetries(() => room.setLife(seconds));
  context.output.data(
    { type: 'disappear', room: room.name, id: room.id, seconds },
    seconds === 0
      ? filled(cliTexts.said.life_off, { room: room.name })
      : filled(cliTexts.said.life_set, { room: room.name, life: lifeText(seconds) }),
  );
}

export async function raiseHeader(
  context: CommandContext,
  name: string,
  text: string,
  options: SureOptions,
): Promise<void> {
  const layout = oneOrTwo(text, 'LAYOUT');
  const room = await opened(context, name);
  if (options.yes !== true && layout > room.header) {
    context.output.note(`${headerWarning(room.name)} ${cliTexts.said.header_final}`);
    await insistOnRoom(context, room, options, cliTexts.asked.raise_header);
  }
  await withRetries(() => room.raiseHeader(layout));
  context.output.data(
    { type: 'header', room: room.name, id: room.id, header: layout },
    filled(cliTexts.said.header_raised, { room: room.name, layout }),
  );
}

export async function raiseSuite(
  context: CommandContext,
  name: string,
  text: string,
  options: SureOptions,
): Promise<void> {
  const suite = oneOrTwo(text, 'SUITE');
  const room = await opened(context, name);
  if (suite < room.suite || suite === SUITE_FIRST)
    throw usage(filled(cliTexts.usage.suite_only_raised, { room: room.name, count: room.suite }));
  if (options.yes !== true && suite > room.suite) {
    context.output.note(`${suiteWarning(room.name)} ${cliTexts.said.header_final}`);
    await insistOnRoom(context, room, options, cliTexts.asked.raise_suite);
  }
  await withRetries(() => room.raiseSuite(suite));
  context.output.data(
    { type: 'suite', room: room.name, id: room.id, suite },
    filled(cliTexts.said.suite_raised, { room: room.name, suite }),
  );
}

export async function changeListing(context: CommandContext, name: string, hidden: boolean): Promise<void> {
  const room = await opened(context, name);
  await withRetries(() => room.setHidden(hidden));
  context.output.data(
    { type: 'hidden', room: room.name, id: room.id, hidden },
    filled(cliTexts.said[hidden ? 'room_hidden' : 'room_shown'], { room: room.name }),
  );
}

const endings = {
  kick: 'kicked',
  ban: 'banned',
  unban: 'unbanned',
} as const;

export async function keepOut(
  context: CommandContext,
  act: keyof typeof endings,
  name: string,
  user: string,
  why?: string,
): Promise<void> {
  const room = await opened(context, name);
  await withRetries(() => (act === 'unban' ? room.unban(user) : room[act](user, why)));
  const type = endings[act];
  const said = filled(cliTexts.said[type], { user, room: room.name });
  context.output.data({ type, room: room.name, id: room.id, user, why }, said);
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
  grant: { role: 'moderator', said: 'is_moderator' },
  revoke: { role: 'member', said: 'is_member' },
  handOver: { role: 'owner', said: 'is_owner' },
} as const;

export async function changeRole(
  context: CommandContext,
  act: keyof typeof roles,
  name: string,
  user: string,
): Promise<void> {
  const room = await opened(context, name);
  await withRetries(() => room[act](user));
  const { role, said } = roles[act];
  context.output.data(
    { type: 'role', room: room.name, id: room.id, user, role },
    filled(cliTexts.said[said], { user, room: room.name }),
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
    const question = filled(cliTexts.asked.accept_room, { fault: shown.fault });
    const answer = await context.terminal.line(question, cliTexts.usage.give_yes);
    if (!cliTexts.asked.yes.test(answer.trim())) {
      context.output.note(filled(cliTexts.said.room_not_accepted, { room: shown.room }));
      return;
    }
  }
  await client.trustRoom(shown);
  context.output.data(
    { type: 'room-trusted', room: shown.room },
    filled(cliTexts.said[shown.fault === undefined ? 'room_as_known' : 'room_accepted'], {
      room: shown.room,
    }),
  );
}
