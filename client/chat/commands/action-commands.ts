import { ConclaveError } from '../../sdk/errors.ts';
import { answered } from '../model/actions.ts';
import { clockTime } from '../model/dates.ts';
import { isIgnored, type MessageEntry, removedText } from '../model/entry.ts';
import { roomOf } from '../model/model.ts';
import type { RoomSession } from '../rooms/room-session.ts';
import { shortNameOf } from './argument-kinds.ts';
import { type CommandContext, shownRoom } from './command-context.ts';
import { knownEmoji } from './complete.ts';

/** Messages of one page. */
const REMOVED_SHOWN_MAX = 50;

export function replyToLast(context: CommandContext, text: string): void {
  const session = shownRoom(context);
  const entry = lastOf(context, session, 'others');
  session.send(text, answered(entry.id, entry));
}

/** Without a text: what it says now comes into the input, to be changed there. */
export async function editLast(context: CommandContext, text: string | undefined): Promise<void> {
  const session = shownRoom(context);
  const { id, text: present, answers, message } = lastOf(context, session, 'own');
  if (text === undefined) return context.write(`/edit ${present}`);
  const re = answers === undefined ? {} : { re: answers.id };
  // An edit replaces all of a message: what it answers, and whom it mentions, stays.
  const { mentions = [] } = message;
  await session.room.edit(id, text, { ...re, mentions });
}

export async function retractLast(context: CommandContext): Promise<void> {
  const session = shownRoom(context);
  const entry = lastOf(context, session, 'own');
  const { text = '' } = answered(entry.id, entry);
  const about = [`“${text}”`, 'Who has read it may have kept it.'];
  if (await context.dialogs.confirm('Take this message back?', about, 'take it back'))
    await session.room.retract(entry.id);
}

/** Of the owner and moderators. */
export async function removeLast(context: CommandContext, why: string | undefined): Promise<void> {
  const session = shownRoom(context);
  const entry = lastOf(context, session, 'others');
  const { text = '' } = answered(entry.id, entry);
  const about = [
    `“${text}”, by ${entry.from}`,
    'Readers are told that you removed it, and can still look at it.',
  ];
  if (await context.dialogs.confirm('Remove this message?', about, 'remove it'))
    await session.room.remove(entry.id, why);
}

/** Readers decide for themselves whether it had to go. */
export async function showRemoved({ dialogs, notices, store, ...context }: CommandContext): Promise<void> {
  const { room } = shownRoom({ dialogs, notices, store, ...context });
  const entries = roomOf(store.model, room.id)?.timeline.entries ?? [];
  const removed = entries.flatMap((entry) => {
    if (entry.kind !== 'message' || entry.removed === undefined || entry.retracted) return [];
    return [`${clockTime(entry.at)} ${entry.from} (${removedText(entry.removed)})`, `  ${entry.text}`];
  });
  if (removed.length === 0) notices.say(`nothing that is loaded here was removed in ${room.name}`);
  else await dialogs.page({ title: `Removed in ${room.name}`, lines: removed.slice(-2 * REMOVED_SHOWN_MAX) });
}

/** A second time takes it back. */
export async function reactToLast(context: CommandContext, given: string): Promise<void> {
  const emoji = await emojiOf(given);
  const session = shownRoom(context);
  const { id, reactions } = lastOf(context, session, 'others');
  const isThere = reactions.some((reaction) => reaction.own && reaction.emoji === emoji);
  await session.room.react(id, emoji, { add: !isThere });
}

async function emojiOf(given: string): Promise<string> {
  const name = shortNameOf(given);
  if (name === undefined) return given;
  const found = (await knownEmoji()).find(({ names }) => names.includes(name));
  if (found === undefined) throw new ConclaveError('usage', `there is no emoji called :${name}:`);
  return found.emoji;
}

/** The last message of the room that still says something. Throws ConclaveError. */
function lastOf({ store }: CommandContext, session: RoomSession, whose: 'own' | 'others'): MessageEntry {
  const { ignored } = store.model;
  const timeline = roomOf(store.model, session.room.id)?.timeline;
  if (timeline?.cutAfter !== undefined)
    throw new ConclaveError('usage', 'the newest messages are not loaded: go to the end first');
  if (whose === 'own' && timeline !== undefined && timeline.echoes.length > 0)
    throw new ConclaveError('usage', 'your last message has not arrived yet');
  const found = timeline?.entries.findLast(
    (entry) =>
      entry.kind === 'message' &&
      entry.status === 'ok' &&
      !entry.retracted &&
      entry.removed === undefined &&
      (whose === 'own' ? entry.own : !entry.own && !isIgnored(entry.from, ignored)),
  );
  if (found?.kind === 'message') return found;
  const what = whose === 'own' ? 'no message of yours' : 'no message of somebody else';
  throw new ConclaveError('usage', `${what} is loaded here`);
}
