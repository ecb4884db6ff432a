import { features } from '../../../src/protocol/features.ts';
import { HEADER_LAYOUT_LAST } from '../../../src/protocol/limits.ts';
import { foldName, type UserName } from '../../../src/protocol/names.ts';
import { ConclaveError } from '../../sdk/errors.ts';
import { chatTexts } from '../../texts/chat-texts.ts';
import { keptText } from '../model/dates.ts';
import { type CommandContext, shownRoom } from './command-context.ts';
import { newPassword } from './room-commands.ts';

const { moderation } = chatTexts;

/** Kicks somebody, who may join again. */
export async function kickUser(context: CommandContext, user: UserName, why?: string): Promise<void> {
  const { room } = shownRoom(context);
  await room.kick(user, why);
  context.notices.say(moderation.kicked(user, room.name));
}

/** Kicks somebody for good, after a question. */
export async function banUser(context: CommandContext, user: UserName, why?: string): Promise<void> {
  const { room } = shownRoom(context);
  const about = [moderation.ban_about(user)];
  if (!(await context.dialogs.confirm(moderation.ban(user, room.name), about, moderation.ban_yes))) return;
  await room.ban(user, why);
  context.notices.say(moderation.banned(user, room.name));
}

export async function unbanUser(context: CommandContext, user: UserName): Promise<void> {
  const { room } = shownRoom(context);
  await room.unban(user);
  context.notices.say(moderation.unbanned(user, room.name));
}

export async function grantUser(context: CommandContext, user: UserName): Promise<void> {
  const { room } = shownRoom(context);
  await room.grant(user);
  context.notices.say(moderation.granted(user, room.name));
}

export async function revokeUser(context: CommandContext, user: UserName): Promise<void> {
  const { room } = shownRoom(context);
  await room.revoke(user);
  context.notices.say(moderation.revoked(user, room.name));
}

/** Hands the room over, after a question: it cannot be taken back. */
export async function handOverRoom(context: CommandContext, user: UserName): Promise<void> {
  const { room } = shownRoom(context);
  if (!(await room.members()).some((member) => foldName(member.user) === foldName(user)))
    throw new ConclaveError('usage', moderation.not_a_member(user, room.name));
  const about = [moderation.hand_over_about(user)];
  if (
    !(await context.dialogs.confirm(moderation.hand_over(user, room.name), about, moderation.hand_over_yes))
  )
    return;
  await room.handOver(user);
  context.notices.say(moderation.handed_over(user, room.name));
}

export async function renameRoom(context: CommandContext, name: string): Promise<void> {
  const { room } = shownRoom(context);
  const before = room.name;
  await room.rename(name);
  context.notices.say(moderation.renamed(before, name));
}

export async function setRetention(context: CommandContext, hours: number): Promise<void> {
  const { room } = shownRoom(context);
  const time = keptText(hours);
  if (hours < room.retentionHours) {
    const about = [hours === 0 ? moderation.store_nothing_about : moderation.store_less_about];
    const question = hours === 0 ? moderation.store_nothing(room.name) : moderation.store(room.name, time);
    if (!(await context.dialogs.confirm(question, about, moderation.store_yes))) return;
  }
  await room.setRetentionHours(hours);
  context.notices.say(
    hours === 0 ? moderation.stores_nothing(room.name) : moderation.stored(room.name, time),
  );
}

/** Raises the layout of headers to the last that this client knows, after a question: older clients are cut off by it. */
export async function raiseHeader(context: CommandContext): Promise<void> {
  const { room } = shownRoom(context);
  if (room.header >= HEADER_LAYOUT_LAST) {
    context.notices.say(moderation.header_already(room.name));
    return;
  }
  const about = moderation.header_about(features['header-2'].since);
  if (!(await context.dialogs.confirm(moderation.header(room.name), about, moderation.header_yes))) return;
  await room.raiseHeader(HEADER_LAYOUT_LAST);
  context.notices.say(moderation.header_raised(room.name));
}

export async function hideRoom(context: CommandContext, hidden: boolean): Promise<void> {
  const { room } = shownRoom(context);
  await room.setHidden(hidden);
  context.notices.say(hidden ? moderation.hidden(room.name) : moderation.listed(room.name));
}

/** A new password, or none. It says who has to be told, since nobody is locked out by it. */
export async function changePassword(context: CommandContext, none: boolean): Promise<void> {
  const { room } = shownRoom(context);
  if (none) {
    const about = [moderation.remove_password_about];
    const question = moderation.remove_password(room.name);
    if (!(await context.dialogs.confirm(question, about, moderation.remove_password_yes))) return;
  }
  const password = none ? undefined : await newPassword(context, room.name);
  if (!none && password === undefined) return;
  const { toTell } = await room.setPassword(password);
  shownRoom(context).factsChanged();
  await context.dialogs.page({
    title: none ? moderation.password_removed(room.name) : moderation.password_changed(room.name),
    lines: toldLines(toTell, none),
  });
}

function toldLines(toTell: readonly UserName[], none: boolean): readonly string[] {
  if (toTell.length === 0) return [moderation.tell_nobody];
  return [
    none ? moderation.tell_removed : moderation.tell_changed,
    '',
    ...toTell.map((user) => `  ${user}`),
    '',
    moderation.old_stay_readable,
  ];
}

/** Deletes the room for all, after a question that its name answers. */
export async function deleteRoom(context: CommandContext): Promise<void> {
  const { dialogs, notices, rooms } = context;
  const { room } = shownRoom(context);
  const answer = await dialogs.prompt({
    title: moderation.delete(room.name),
    about: moderation.delete_about(room.name),
    fault: (text) =>
      text.trim().toLowerCase() === room.name.toLowerCase() ? undefined : moderation.not_its_name(room.name),
  });
  if (answer === undefined) return;
  await room.delete();
  rooms.remove(room.id);
  notices.say(moderation.deleted(room.name));
}
