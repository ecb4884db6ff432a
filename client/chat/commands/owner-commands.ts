import { features } from '../../../src/protocol/features.ts';
import { HEADER_LAYOUT_LAST } from '../../../src/protocol/limits.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import { type CommandContext, shownRoom } from './command-context.ts';
import { newPassword } from './room-commands.ts';

/** Puts somebody out, who may join again. */
export async function kickUser(context: CommandContext, user: UserName, why?: string): Promise<void> {
  const { room } = shownRoom(context);
  await room.kick(user, why);
  context.notices.say(`${user} was kicked out of ${room.name}`);
}

/** Puts somebody out for good, after a question. */
export async function banUser(context: CommandContext, user: UserName, why?: string): Promise<void> {
  const { room } = shownRoom(context);
  const about = [`${user} cannot join again until /unban ${user}.`];
  if (!(await context.dialogs.confirm(`Ban ${user} from ${room.name}?`, about, 'ban'))) return;
  await room.ban(user, why);
  context.notices.say(`${user} is banned from ${room.name}`);
}

export async function unbanUser(context: CommandContext, user: UserName): Promise<void> {
  const { room } = shownRoom(context);
  await room.unban(user);
  context.notices.say(`${user} may join ${room.name} again`);
}

export async function grantUser(context: CommandContext, user: UserName): Promise<void> {
  const { room } = shownRoom(context);
  await room.grant(user);
  context.notices.say(`${user} is a moderator of ${room.name} now`);
}

export async function revokeUser(context: CommandContext, user: UserName): Promise<void> {
  const { room } = shownRoom(context);
  await room.revoke(user);
  context.notices.say(`${user} is a plain member of ${room.name} now`);
}

/** Hands the room over, after a question: it cannot be taken back. */
export async function handOverRoom(context: CommandContext, user: UserName): Promise<void> {
  const { room } = shownRoom(context);
  if (!(await room.members()).some((member) => foldName(member.user) === foldName(user)))
    throw new ConclaveError('usage', `${user} is not in ${room.name}.`);
  const about = [`${user} will own the room, and you will be a moderator. Only ${user} can give it back.`];
  if (!(await context.dialogs.confirm(`Hand ${room.name} over to ${user}?`, about, 'hand over'))) return;
  await room.handOver(user);
  context.notices.say(`${room.name} belongs to ${user} now`);
}

export async function renameRoom(context: CommandContext, name: string): Promise<void> {
  const { room } = shownRoom(context);
  const before = room.name;
  await room.rename(name);
  context.notices.say(`${before} is named ${name} now`);
}

export async function setRetention(context: CommandContext, days: number): Promise<void> {
  const { room } = shownRoom(context);
  if (days < room.retention) {
    const about = [
      days === 0
        ? 'What is stored now is deleted, and nothing is stored from now on.'
        : 'What is stored now and older than that is deleted.',
    ];
    if (!(await context.dialogs.confirm(`Store messages of ${room.name} for ${days} days?`, about, 'do it')))
      return;
  }
  await room.setRetention(days);
  context.notices.say(`messages of ${room.name} are stored for ${days} days`);
}

/** Raises the layout of headers to the last that this client knows, after a question: older clients are cut off by it. */
export async function raiseHeader(context: CommandContext): Promise<void> {
  const { room } = shownRoom(context);
  if (room.header >= HEADER_LAYOUT_LAST) {
    context.notices.say(`messages of ${room.name} say what their senders had seen already`);
    return;
  }
  const about = [
    'Then a member is warned when the server shows it another order of messages than it showed a sender.',
    `Members whose client is older than release ${features['header-2'].since} cannot read or write here from then on.`,
    'This cannot be undone.',
  ];
  const question = `Have messages of ${room.name} say what their senders had seen?`;
  if (!(await context.dialogs.confirm(question, about, 'do it'))) return;
  await room.raiseHeader(HEADER_LAYOUT_LAST);
  context.notices.say(`messages of ${room.name} say what their senders had seen from now on`);
}

export async function hideRoom(context: CommandContext, hidden: boolean): Promise<void> {
  const { room } = shownRoom(context);
  await room.setHidden(hidden);
  context.notices.say(hidden ? `${room.name} is hidden from the list` : `${room.name} is in the list`);
}

/** A new password, or none. It says who has to be told, since nobody is locked out by it. */
export async function changePassword(context: CommandContext, none: boolean): Promise<void> {
  const { room } = shownRoom(context);
  if (none) {
    const about = ['Whoever joins can read what is written from now on, and the server can add members.'];
    if (!(await context.dialogs.confirm(`Take the password of ${room.name} away?`, about, 'take it away')))
      return;
  }
  const password = none ? undefined : await newPassword(context, room.name);
  if (!none && password === undefined) return;
  const { toTell } = await room.setPassword(password);
  shownRoom(context).factsChanged();
  await context.dialogs.page({
    title: none ? `${room.name} has no password any more` : `${room.name} has a new password`,
    lines: toldLines(toTell, none),
  });
}

function toldLines(toTell: readonly UserName[], none: boolean): readonly string[] {
  if (toTell.length === 0) return ['Nobody else has to be told.'];
  return [
    none
      ? 'These members have to accept it before they read and write here again:'
      : 'Tell these members the new password, over a channel you trust. Until then they can neither read nor write what is new:',
    '',
    ...toTell.map((user) => `  ${user}`),
    '',
    'Old messages stay readable for everybody who could read them.',
  ];
}

/** Deletes the room for all, after a question that its name answers. */
export async function deleteRoom(context: CommandContext): Promise<void> {
  const { dialogs, notices, rooms } = context;
  const { room } = shownRoom(context);
  const answer = await dialogs.prompt({
    title: `Delete ${room.name} for all of its members?`,
    about: [
      'Everything that is stored of it is deleted too. This cannot be undone.',
      `Type ${room.name} to do it.`,
    ],
    fault: (text) =>
      text.trim().toLowerCase() === room.name.toLowerCase() ? undefined : `this is not ${room.name}`,
  });
  if (answer === undefined) return;
  await room.delete();
  rooms.remove(room.id);
  notices.say(`${room.name} is deleted`);
}
